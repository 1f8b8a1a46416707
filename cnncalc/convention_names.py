"""The conventions of `cnncalc flops`: name → the module of `cnncalc.conventions` that has it, and as what.

They stand apart and below all else, for what reads a spec has to know them.
"""

CONVENTIONS: dict[str, tuple[str, str]] = {
    "torchinfo@1.8.0": ("torchinfo", "RELEASED"),
    "torchinfo@main": ("torchinfo", "MAIN"),
    "fvcore": ("fvcore", "FVCORE"),
    "torch": ("flop_counter", "TORCH"),
    "ptflops": ("ptflops", "PTFLOPS"),
    "ptflops-nofunc": ("ptflops", "MODULES"),
    "ptflops-aten": ("ptflops", "ATEN"),
    "thop": ("thop", "THOP"),
    "ultralytics-thop": ("thop", "ULTRALYTICS"),
    "calflops": ("calflops", "CALFLOPS"),
    "calflops-macs": ("calflops", "CALFLOPS_MACS"),
    "deepspeed": ("calflops", "DEEPSPEED"),
    "deepspeed-macs": ("calflops", "DEEPSPEED_MACS"),
    "torchprofile": ("torchprofile", "TORCHPROFILE"),
    "torchscan": ("torchscan", "FLOPS"),
    "torchscan-macs": ("torchscan", "MACS"),
    "torchstat": ("torchstat", "FLOPS"),
    "torchstat-madd": ("torchstat", "MADD"),
    "flopth": ("torchstat", "FLOPTH"),
    "torchlens": ("torchlens", "FLOPS"),
    "torchlens-macs": ("torchlens", "MACS"),
    "onnx-tool": ("onnx_tool", "ONNX_TOOL"),
}
