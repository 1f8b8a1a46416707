"""Every shipped network in every variant, loaded and analysed in one process (aim: under 3 s), and what `list` takes.

Analysed: shapes, parameters, MACs and FLOPs, as `cnncalc check` and `list` need them. Processor time, which other
processes do not lengthen.
"""

from __future__ import annotations

import time

from measuring import processes, python, table

import cnncalc
from cnncalc import shipped

AIM = 3.0


def main() -> None:
    """Print the times; the slowest networks by name."""
    times: dict[str, float] = {}
    begin = time.process_time()
    for name in shipped.names():
        spec = cnncalc.load(name)
        for variant in (None, *spec.variants):
            start = time.process_time()
            report = spec.at(variant).analyze()
            assert report.params
            assert report.macs is not None
            assert report.flops is not None
            times[f"{name}@{variant}" if variant else name] = time.process_time() - start
    whole = time.process_time() - begin
    slowest = sorted(times, key=times.__getitem__, reverse=True)[:5]
    print(f"{len(times)} networks of {len(shipped.names())} specs in {whole:.2f} s of processor time (aim: {AIM:g} s)")
    print("slowest: " + ", ".join(f"{name} {times[name] * 1e3:.0f} ms" for name in slowest))
    run = "from cnncalc.cli.main import run; run()"
    commands = {
        "list": [*python(run), "list"],
        "list --search segmentation": [*python(run), "list", "--search", "segmentation"],
        "shapes lenet5": [*python(run), "shapes", "lenet5"],
    }
    print(table(processes(commands, rounds=5), "shapes lenet5"))


if __name__ == "__main__":
    main()
