"""The process `cnncalc shapes resnet@50` beside processes that count the same network with PyTorch tools.

Aim: at least 10 times faster than the fastest. Those not installed are left out: `pip install '.[torch,peers]'`. They
count on the meta device, but fvcore on the CPU: what it traces with cannot trace on meta from PyTorch 2.13 on.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from measuring import processes, python, table

BUILD = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
import torch
from resnet50_torch import resnet50
with torch.device("DEVICE"):
    model = resnet50().eval()
    x = torch.empty(1, 3, 224, 224)
assert sum(p.numel() for p in model.parameters()) == 25_557_032
"""
META, CPU = BUILD.replace("DEVICE", "meta"), BUILD.replace("DEVICE", "cpu")
PEERS = {
    "torchinfo": META + "import torchinfo; print(torchinfo.summary(model, input_data=x, device='meta', verbose=0))",
    "fvcore": CPU + "from fvcore.nn import FlopCountAnalysis, flop_count_table\n"
    "print(flop_count_table(FlopCountAnalysis(model, x)))",
    "FlopCounterMode": META + "from torch.utils.flop_counter import FlopCounterMode\n"
    "with FlopCounterMode(display=False) as counter: model(x)\nprint(counter.get_total_flops())",
    "parameters alone": META + "print(sum(p.numel() for p in model.parameters()))",
}
NEEDS = {"torchinfo": "torchinfo", "fvcore": "fvcore", "FlopCounterMode": "torch", "parameters alone": "torch"}
OURS = "cnncalc shapes resnet@50"

if __name__ == "__main__":
    commands = {
        OURS: python("import sys; sys.argv[1:] = ['shapes', 'resnet@50']\nfrom cnncalc.cli.start import run; run()")
    }
    missing = [name for name in PEERS if not (find_spec("torch") and find_spec(NEEDS[name]))]
    commands |= {name: python(code) for name, code in PEERS.items() if name not in missing}
    print(table(processes(commands, rounds=5), OURS))
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
