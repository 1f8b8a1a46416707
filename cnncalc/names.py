"""The names of rules and conventions, needed wherever a spec is read.

A rule of `cnncalc check` is named in kebab-case after the fault that it reports; its class, such as `DominantLayer`, is
in `cnncalc/checks/rules/dominant_layer.py`. A convention of `cnncalc flops` is named after the tool that counts that
way; `CONVENTIONS` maps it to its module in `cnncalc.conventions` and the constant there.
"""

ALWAYS_AN_ERROR = "faulty-spec"  # without a valid network no other rule can run

RULE_NAMES = (
    "stride-drops-pixels",
    "stride-drops-padding",
    "stride-skips-pixels",
    "padding-exceeds-kernel",
    "even-kernel-shifts",
    "checkerboard",
    "kernel-on-one-pixel",
    "unproductive-layer",
    "field-smaller-than-input",
    "dilation-gridding",
    "misaligned-paths",
    "bias-before-norm",
    "linear-without-activation-between",
    "repeated-activation",
    "dropout-before-norm",
    "dominant-layer",
    "flatten-pins-input-size",
    "channels-off-tensor-core",
    "unused-layer",
    "input-off-fit",
    "expectation",
    "weights-mismatch",
    "faulty-spec",
    "unused-ignore",
)

CONVENTIONS: dict[str, tuple[str, str]] = {
    "torchinfo@1.8.0": ("torchinfo", "RELEASED"),
    "torchinfo@main": ("torchinfo", "MAIN"),
    "fvcore": ("fvcore", "FVCORE"),
    "timm": ("timm", "GMACS"),
    "timm-macts": ("timm", "MACTS"),
    "torch": ("flop_counter", "TORCH"),
    "ptflops": ("ptflops", "PTFLOPS"),
    "ptflops-nofunc": ("ptflops", "MODULES"),
    "ptflops-aten": ("ptflops", "ATEN"),
    "thop": ("thop", "THOP"),
    "ultralytics-thop": ("thop", "ULTRALYTICS"),
    "ultralytics": ("ultralytics", "WITH_THOP"),
    "ultralytics@8.4": ("ultralytics", "WITH_FORK"),
    "calflops": ("calflops", "CALFLOPS"),
    "calflops-macs": ("calflops", "CALFLOPS_MACS"),
    "deepspeed@0.19.8": ("calflops", "DEEPSPEED"),
    "deepspeed@edaa72212": ("calflops", "DEEPSPEED_EARLIER"),
    "deepspeed-macs@0.19.8": ("calflops", "DEEPSPEED_MACS"),
    "deepspeed-macs@edaa72212": ("calflops", "DEEPSPEED_MACS_EARLIER"),
    "deepspeed-training": ("calflops", "DEEPSPEED_TRAINING"),
    "torchprofile": ("torchprofile", "TORCHPROFILE"),
    "torchscan": ("torchscan", "FLOPS"),
    "torchscan-macs": ("torchscan", "MACS"),
    "torchstat": ("torchstat", "FLOPS"),
    "torchstat-madd": ("torchstat", "MADD"),
    "darknet": ("darknet", "DARKNET"),
    "keras": ("keras", "TOTAL"),
    "keras-trainable": ("keras", "TRAINABLE"),
    "flopth": ("torchstat", "FLOPTH"),
    "torchlens": ("torchlens", "FLOPS"),
    "torchlens-macs": ("torchlens", "MACS"),
    "onnx-tool": ("onnx_tool", "ONNX_TOOL"),
}
