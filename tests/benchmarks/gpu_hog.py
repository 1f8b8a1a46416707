"""Hold all of a device's memory but so many GiB, for two minutes: `gpu_check.sh` ends it sooner.

python tests/benchmarks/gpu_hog.py GIB
"""

import sys
import time

import torch

free, _ = torch.cuda.mem_get_info()
kept = torch.empty(max(1, free - int(float(sys.argv[1]) * 2**30)), dtype=torch.uint8, device="cuda")
print("held", flush=True)
time.sleep(120)
