"""Fits the models of time of `cnncalc/devices` to measured runs, and measures their error on families left out.

    python tests/benchmarks/fit_times.py timm_benchmark.csv            # prints every table of docs/time.md
    python tests/benchmarks/fit_times.py timm_benchmark.csv --write    # and writes the fits into cnncalc/devices

The runs are the throughputs that timm's maintainers measured (huggingface/pytorch-image-models@aa4b5850,
results/benchmark-*.csv, Apache-2.0), merged into one table with columns for the device and the setting. The kernels of
every network are in tests/data/timm_kernels.csv. Needs numpy.

The fit is that of `cnncalc/prediction/fitting.py`. Its error is that of networks of families (modules of timm) that
were left out of the fit; so is its 90% interval, whose coverage is measured with the interval of the other families.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from cnncalc.prediction.fitting import fit, held_out

ROOT = Path(__file__).parents[2]
KERNELS = ROOT / "tests/data/timm_kernels.csv"
DEVICES = ROOT / "cnncalc/devices"
MACS = ("dense_macs", "product_macs", "grouped_macs", "depthwise_macs", "wide_depthwise_macs")
MOVED = ("conv_bytes", "other_bytes")
TERMS = (*MACS, *MOVED, "weight_bytes", "launches")
VERSIONS = {"pt112": "1.12", "pt113": "1.13", "pt210": "2.1.0", "pt221": "2.2.1", "pt240": "2.4.0", "pt291": "2.9.1"}
# Device, mode, dtype, layout, version, compiler of the table → the device, dtype and variant of its kernels.
FITTED = [
    ("4090", "infer", "amp", "nchw", "pt291", "eager", "rtx4090"),
    ("4090", "infer", "amp", "nchw", "pt291", "dynamo", "rtx4090"),
    ("rtx4090", "infer", "amp", "nhwc", "pt240", "eager", "rtx4090"),
    ("5090", "infer", "amp", "nchw", "pt291", "eager", "rtx5090"),
    ("5090", "infer", "amp", "nchw", "pt291", "dynamo", "rtx5090"),
    ("pro6000maxq", "infer", "amp", "nchw", "pt291", "eager", "rtx_pro6000_maxq"),
    ("pro6000maxq", "infer", "amp", "nchw", "pt291", "dynamo", "rtx_pro6000_maxq"),
    ("pro6000maxq", "infer", "amp_bf16", "nchw", "pt291", "dynamo", "rtx_pro6000_maxq"),
    ("pro6000maxq", "infer", "bf16", "nchw", "pt291", "dynamo", "rtx_pro6000_maxq"),
    ("rtx3090", "infer", "amp", "nchw", "pt240", "eager", "rtx3090"),
    ("rtx3090", "infer", "amp", "nhwc", "pt240", "eager", "rtx3090"),
    ("rtx3090", "train", "amp", "nchw", "pt112", "eager", "rtx3090"),
    ("rtx3090", "train", "amp", "nhwc", "pt112", "eager", "rtx3090"),
    ("i9_10940x", "infer", "fp32", "nchw", "pt240", "dynamo", "i9_10940x"),
    ("i7_12700h", "infer", "fp32", "nchw", "pt240", "dynamo", "i7_12700h"),
]
MODEL, NESTED = "the model", "chosen without the fold"
REPARAMETERIZED = ("repghost",)  # families whose runs timm fused, though their MACs and activations do not show it
TIE = 0.002  # of the median error, in which the simpler choice is taken
GROUPS = ("all networks", "without attention", "with attention")


class Runs:
    """The runs of one setting: amounts of every term per image, seconds per image, and families."""

    def __init__(self, setting: tuple[str, ...], runs: list[dict[str, str]], kernels: dict) -> None:
        device, mode, dtype, layout, version, compiler, self.key = setting
        self.setting = (mode, dtype, layout, version, compiler)
        own = [run for run in runs if self._is(run, (device, *self.setting))]
        known = [(run, kernels[run["model"], run["img_size"]]) for run in own if _usable(kernels, run)]
        item = 4 if dtype == "fp32" else 2
        variant = f"{'eager' if compiler == 'eager' else 'compiled'}_{'amp' if 'amp' in dtype else dtype}"
        batches_vary = len({run["batch"] for run in own}) > 1
        self.terms = TERMS[:-2] if batches_vary else TERMS
        rows = []
        for run, row in known:
            batch = float(run["batch"])
            moved = [float(row[f"{variant}_{name}"]) for name in MOVED]
            weights = float(row["weights"]) * item / batch
            if batches_vary:  # at the large batches of GPUs, weights and launches do not show: weights move as maps do
                moved[1] += weights
            once = [] if batches_vary else [weights, float(row[f"{variant}_launches"]) / batch]
            rows.append([float(row[name]) for name in MACS] + moved + once)
        self.amounts = np.array(rows)
        self.seconds = np.array([1 / float(run["samples_per_sec"]) for run, _ in known])
        self.families = np.array([row["family"] for _, row in known])
        self.names = [run["model"] for run, _ in known]
        self.attention = np.array([row["attention"] == "1" for _, row in known])
        self.others = np.array([[float(run["gmacs"] or "nan"), float(run["macts"] or "nan")] for run, _ in known])
        self.batches = np.array([float(run["batch"]) for run, _ in known])

    @staticmethod
    def _is(run: dict[str, str], setting: tuple[str, ...]) -> bool:
        return tuple(run[name] for name in ("device", "mode", "dtype", "layout", "torch", "compiler")) == setting

    def masks(self) -> dict[str, np.ndarray]:
        """Group of networks → which runs belong to it."""
        everything = np.ones(len(self.seconds), bool)
        return dict(zip(GROUPS, (everything, ~self.attention, self.attention), strict=True))


def _usable(kernels: dict, run: dict[str, str]) -> bool:
    """Whether a run is of the network whose kernels are known: timm reparameterizes some before it times them."""
    row = kernels.get((run["model"], run["img_size"]))
    if row is None or row["unknown"] == "1" or row["family"] in REPARAMETERIZED:
        return False
    counted = float(run["gmacs"] or "nan") * 1e9
    ours = sum(float(row[name]) for name in MACS)
    return row["attention"] == "1" or not abs(ours - counted) > 0.04 * ours + 6e6  # the table rounds to 10⁷


def with_macs(runs: list[dict[str, str]]) -> list[dict[str, str]]:
    """The runs of networks as they are built, with gmacs and macts.

    A run without them has those of another setting of the same network and version. A network with fewer activations
    than in another version was reparameterized.
    """
    known = {(run["model"], run["img_size"], run["torch"]): run for run in runs if run["gmacs"]}
    most: dict[tuple[str, str], float] = defaultdict(float)
    for (model, size, _), run in known.items():
        most[model, size] = max(most[model, size], float(run["macts"]))
    found = []
    for run in runs:
        other = known.get((run["model"], run["img_size"], run["torch"]), run)
        if not float(other["macts"] or "nan") < 0.97 * most[run["model"], run["img_size"]]:
            found.append({**run, "gmacs": other["gmacs"], "macts": other["macts"]})
    return found


def errors_of(predicted: np.ndarray, runs: Runs, mask: np.ndarray) -> dict[str, float]:
    """Errors of some of the runs, and the coverage of intervals from the other families."""
    ratio = runs.seconds / predicted
    inside = np.zeros(len(ratio), bool)
    for family in set(runs.families):
        out = runs.families == family
        low, high = np.quantile(ratio[~out], (0.05, 0.95))
        inside[out] = (ratio[out] >= low) & (ratio[out] <= high)
    error = np.abs(predicted / runs.seconds - 1)[mask]
    return {
        "runs": int(mask.sum()),
        "median": float(np.median(error)),
        "p90": float(np.quantile(error, 0.9)),
        "coverage": float(inside[mask].mean()),
        "rank": _rank_correlation(predicted[mask], runs.seconds[mask]),
        "within15": float((error < 0.15).mean()),
    }


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(np.argsort(np.argsort(one)), np.argsort(np.argsort(other)))[0, 1])


def baselines(runs: Runs, peaks: tuple[float, float] | None) -> dict[str, np.ndarray]:
    """What other tools would predict for the same runs, with families left out where they are fitted."""
    macs = runs.amounts[:, : len(MACS)].sum(1)
    moved = runs.amounts[:, len(MACS) : len(MACS) + len(MOVED)].sum(1)
    found = {"FLOPs, one coefficient": held_out(macs[:, None], runs.seconds, runs.families)}
    if peaks is not None:
        rate, bandwidth = peaks
        found["roofline of the data sheet"] = np.maximum(2 * macs / rate, moved / bandwidth)
        found["roofline, one factor fitted"] = held_out(
            found["roofline of the data sheet"][:, None], runs.seconds, runs.families
        )
    known = ~np.isnan(runs.others).any(1)
    if known.all():
        linear = np.c_[runs.others, np.ones(len(macs))]
        found["timm's gmacs and macts, linear"] = held_out(linear, runs.seconds, runs.families)
    return found


def choices(runs: Runs) -> dict[str, np.ndarray]:
    """Amounts by fewer terms, or with a constant, the simplest first; the last but one is the model."""
    dense, product, grouped, narrow, wide, *moved = runs.amounts.T
    conv_bytes, other_bytes, *rest = moved
    every = {
        "one coefficient of MACs": (dense + product + grouped + narrow + wide, *moved),
        "depthwise MACs apart": (dense + product + grouped, narrow + wide, *moved),
        "grouped ones, too": (dense + product, grouped, narrow + wide, *moved),
        "all windows of depthwise alike": (dense, product, grouped, narrow + wide, *moved),
        "one coefficient of bytes": (dense, product, grouped, narrow, wide, conv_bytes + other_bytes, *rest),
        MODEL: tuple(runs.amounts.T),
        "with a constant per batch": (*runs.amounts.T, 1 / runs.batches),
    }
    return {name: np.stack(columns, 1) for name, columns in every.items()}


def nested(runs: Runs, folds: int = 10, inner: int = 5) -> dict[str, float]:
    """The median error of every choice of terms, and of choosing anew without the fold that is predicted.

    Families are dealt to folds at random. The choice for a fold has the least median error in the other folds, which
    are dealt again; a simpler one is taken if it is worse by less than `TIE`.
    """
    known = choices(runs)
    outer = _dealt(runs.families, folds, 0)
    errors = {name: np.zeros(len(runs.seconds)) for name in (*known, NESTED)}
    for fold in range(folds):
        out = outer == fold
        parts = _dealt(runs.families[~out], inner, fold + 1)
        scores = {
            name: np.median(np.abs(held_out(each[~out], runs.seconds[~out], list(parts)) / runs.seconds[~out] - 1))
            for name, each in known.items()
        }
        chosen = next(name for name, score in scores.items() if score < min(scores.values()) + TIE)
        for name, each in known.items():
            found = fit(each[~out], runs.seconds[~out])
            errors[name][out] = np.abs(each[out] @ found / runs.seconds[out] - 1)
        errors[NESTED][out] = errors[chosen][out]
    return {name: float(np.median(each)) for name, each in errors.items()}


def _dealt(families: np.ndarray, count: int, seed: int) -> np.ndarray:
    """The fold of every run: families together, shuffled."""
    names = sorted(set(families))
    fold = dict(zip(np.random.default_rng(seed).permutation(names), np.arange(len(names)) % count, strict=True))
    return np.array([fold[family] for family in families])


def transfer(runs: Runs, count: int, trials: int = 20) -> dict[str, float]:
    """What `bench --calibrate` would reach if it measured a few networks of the table, over random choices of them.

    Returns the median and the 90th percentile of the error on all others, and the coverage of the interval that spans
    the ratios of the few, each left out in turn.
    """
    random = np.random.default_rng(0)
    errors, inside = [], []
    for _ in range(trials):
        chosen = np.zeros(len(runs.seconds), bool)
        chosen[random.choice(len(runs.seconds), count, replace=False)] = True
        amounts, seconds = runs.amounts[chosen], runs.seconds[chosen]
        ratios = seconds / np.maximum(held_out(amounts, seconds, range(count)), 1e-3 * seconds)
        others = runs.seconds[~chosen] / np.maximum(runs.amounts[~chosen] @ fit(amounts, seconds), 1e-300)
        errors.append(np.abs(1 / others - 1))
        inside.append((others >= min(1.0, ratios.min())) & (others <= max(1.0, ratios.max())))
    every = np.concatenate(errors)
    return {
        "median": float(np.median(every)),
        "p90": float(np.quantile(every, 0.9)),
        "coverage": float(np.concatenate(inside).mean()),
    }


def fit_text(runs: Runs, predicted: np.ndarray, found: np.ndarray) -> str:
    """The fit as an entry of a device's file."""
    mode, dtype, layout, version, compiler = runs.setting
    low, high = np.quantile(runs.seconds / predicted, (0.05, 0.95))
    terms = dict(zip(runs.terms, found, strict=True))
    terms.setdefault("weight_bytes", terms["other_bytes"])
    source = f"timm's results, {len(predicted)} runs of batches {runs.batches.min():.0f} to {runs.batches.max():.0f}"
    lines = [
        f"  - mode: {'training' if mode == 'train' else 'inference'}",
        f"    dtype: {dtype}",
        f"    layout: {layout}",
        f"    compiled: {'false' if compiler == 'eager' else 'true'}",
        f"    software: PyTorch {VERSIONS[version]}",
        f'    source: "{source}"',
        "    terms: # ps",
        *(f"      {name}: {_digits(1e12 * value)}" for name, value in terms.items() if value > 0),
        f"    interval: [{low:.3f}, {high:.3f}]",
        "    errors:",
    ]
    for group, mask in runs.masks().items():
        if mask.sum() >= 10:
            every = errors_of(predicted, runs, mask)
            texts = [f"{name}: {every[name]:.3f}" for name in ("median", "p90", "coverage", "rank")]
            lines.append(f"      {group}: {{runs: {every['runs']}, {', '.join(texts)}}}")
    return "\n".join(lines) + "\n"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}" if value >= 0.01 else f"{value:.7f}"


def peaks_of(key: str, dtype: str) -> tuple[float, float] | None:
    """FLOP/s and bytes/s of the data sheet of a device, if it has both."""
    from cnncalc.devices.catalog import find_device

    device = find_device(key)
    rate = device.peak("amp" if "amp" in dtype else dtype)
    return None if rate is None or device.bandwidth is None else (rate, device.bandwidth)


def main() -> None:
    """Print the tables, and write the fits if asked to."""
    with Path(sys.argv[1]).open() as file:
        runs = with_macs(list(csv.DictReader(file)))
    with KERNELS.open() as file:
        kernels = {(row["model"], row["img_size"]): row for row in csv.DictReader(file)}
    written = defaultdict(str)
    for setting in FITTED:
        own = Runs(setting, runs, kernels)
        predicted = held_out(own.amounts, own.seconds, own.families)
        title = f"{own.key}, {', '.join(own.setting)}"
        for group, mask in own.masks().items():
            if mask.any():
                print(_line(f"{title}: {group}", errors_of(predicted, own, mask)))
        for name, other in baselines(own, peaks_of(own.key, own.setting[1])).items():
            print(_line(f"    {name}", errors_of(other, own, own.masks()[GROUPS[0]])))
        for name, amounts in choices(own).items():
            other = held_out(amounts, own.seconds, own.families)
            for group in GROUPS[:2]:
                print(_line(f"    {name}: {group}", errors_of(other, own, own.masks()[group])))
        for name, error in nested(own).items():
            print(f"    nested, {name}: median {error:.1%}")
        for count in (10, 20):
            print(
                "    {} networks: median {median:.1%}, p90 {p90:.1%}, cover {coverage:.0%}".format(
                    count, **transfer(own, count)
                )
            )
        found = fit(own.amounts, own.seconds)
        print("    ps:", dict(zip(own.terms, np.round(found * 1e12, 4).tolist(), strict=True)))
        written[own.key] += fit_text(own, predicted, found)
    if "--write" in sys.argv:
        for key, text in written.items():
            path = DEVICES / f"{key}.yaml"
            path.write_text(path.read_text("utf-8").partition("fits:\n")[0] + "fits:\n" + text, "utf-8")


def _line(title: str, errors: dict[str, float]) -> str:
    return (
        f"{title:64} {errors['runs']:4.0f} runs, median {errors['median']:5.1%}, p90 {errors['p90']:5.1%}, "
        f"15%: {errors['within15']:4.0%}, coverage {errors['coverage']:4.0%}, rank {errors['rank']:.3f}"
    )


if __name__ == "__main__":
    main()
