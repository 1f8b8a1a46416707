"""A layer is complete when its descriptor is; what must be told of a new kind besides: every table, and what it lacks.

`LACKS` says of every table that names kinds which of them it does without, on purpose: another tool has no word on
them, or a format has no such layer. A kind that is neither in a table nor on its list is one that it has not heard of.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import cnncalc
from cnncalc.conventions import CONVENTIONS, convention
from cnncalc.importers import FORMATS
from cnncalc.layers import LAYERS

from ..layers.configurations import CONFIGURATIONS

PACKAGE = Path(cnncalc.__file__).parent
KINDS = LAYERS.keys() - {"unknown"}  # which stands for what nothing has heard of

HISTORY = "locally_connected subsample capsule rbf"  # layers of single papers, which no tool has
SCALES = "rescale scale"
MOVES = "reshape permute pixel_shuffle pixel_unshuffle channel_shuffle pad crop upsample slice take roll"
SMOOTH = "hardswish hardsigmoid mish softplus"
NORMS = "groupnorm instancenorm lrn l2norm"
TENSORS = "parameter constant"
TORCHSCAN = f"{HISTORY} lppool {MOVES} {SMOOTH} prelu selu celu gelu silu abs hardtanh {NORMS} {SCALES}"
ADAPTIVE = "adaptive_avgpool adaptive_maxpool"  # traced and exported as windows, or as global pooling
LACKS = {
    "cnncalc/pytorch/": "",
    "cnncalc/importers/pytorch/": "identity",
    "cnncalc/importers/onnx/": f"{ADAPTIVE} {HISTORY}",
    "cnncalc/importers/caffe/": f"{ADAPTIVE} {HISTORY} {TENSORS} lppool global_avgpool global_maxpool pixel_shuffle "
    "pixel_unshuffle mean matmul celu gelu hardtanh log_softmax rescale layernorm groupnorm",
    "cnncalc/importers/keras/": "blurpool capsule channel_shuffle constant cumsum deform_conv "
    "drop_path fold grid_sample grn instancenorm lppool lrn nms parameter pixel_shuffle "
    "pixel_unshuffle rbf roi_align roll take std std_conv unfold var",
    "tests/layers/configurations.py": "",
    "cnncalc/conventions/: torchinfo@1.8.0": HISTORY,
    "cnncalc/conventions/: torchinfo@main": HISTORY,
    "cnncalc/conventions/: fvcore": HISTORY,
    "cnncalc/conventions/: torch": "capsule",
    "cnncalc/conventions/: ptflops": f"{HISTORY} lppool {SCALES}",
    "cnncalc/conventions/: ptflops-nofunc": f"{HISTORY} lppool {SCALES}",
    "cnncalc/conventions/: ptflops-aten": "locally_connected capsule rescale",
    "cnncalc/conventions/: thop": f"{HISTORY} {SCALES}",
    "cnncalc/conventions/: ultralytics-thop": f"{HISTORY} {SCALES}",
    "cnncalc/conventions/: calflops": f"{HISTORY} lppool {SCALES}",
    "cnncalc/conventions/: calflops-macs": f"{HISTORY} lppool {SCALES}",
    "cnncalc/conventions/: deepspeed": f"{HISTORY} lppool {SCALES}",
    "cnncalc/conventions/: deepspeed-macs": f"{HISTORY} lppool {SCALES}",
    "cnncalc/conventions/: torchprofile": f"{HISTORY} lppool l2norm {SCALES}",
    "cnncalc/conventions/: torchscan": f"{TORCHSCAN} softmax log_softmax",
    "cnncalc/conventions/: torchscan-macs": f"{TORCHSCAN} softmax log_softmax layernorm",
    "cnncalc/conventions/: torchstat": f"{HISTORY} {SCALES}",
    "cnncalc/conventions/: torchstat-madd": f"{HISTORY} {SCALES}",
    "cnncalc/conventions/: flopth": f"{HISTORY} {SCALES}",
    "cnncalc/conventions/: torchlens": f"{HISTORY} lppool lrn l2norm {SCALES}",
    "cnncalc/conventions/: torchlens-macs": f"{HISTORY} lppool lrn l2norm {SCALES}",
    "cnncalc/conventions/: onnx-tool": f"{HISTORY} lppool adaptive_maxpool global_maxpool selu celu gelu mish abs "
    f"{NORMS} {SCALES}",
}
# Layers of detectors: the other tools were not tried on them.
DETECTION = "grid_sample deform_conv roi_align nms"
TRIED = ("torchinfo@1.8.0", "fvcore", "torch")
for where in LACKS:
    if where.startswith("cnncalc/conventions/") and where.rpartition(" ")[2] not in TRIED:
        LACKS[where] += f" {DETECTION}"
LACKS["cnncalc/importers/caffe/"] += " grid_sample deform_conv nms"  # regions are pooled, as roi_align says
LACKS["cnncalc/importers/onnx/"] += " roi_align nms"  # boxes are the batch there, or as many as are left
LACKS["cnncalc/importers/pytorch/"] += " nms"  # a size that depends on the values of a tensor

# Darknet has few layers, and its recurrent ones are not PyTorch's.
DARKNET = (
    "abs adaptive_avgpool adaptive_maxpool attention capsule celu channel_shuffle conv_transpose deform_conv "
    "fold global_maxpool grid_sample groupnorm hardsigmoid hardswish instancenorm l2norm layernorm log_softmax lppool "
    "lrn matmul mean nms parameter permute prelu rbf roi_align roll take scale softplus std_conv subsample subtract "
    "divide unfold"
)
LACKS["cnncalc/importers/darknet/"] = f"{DARKNET} identity cumsum drop_path embedding glu grn rmsnorm std sum var"
LACKS["cnncalc/conventions/: darknet"] = f"{DARKNET} gru lstm pad rnn"

# Torch7 and ConvNetJS are older than most layers; what lists of theirs have besides is not in lectures.
LACKS["cnncalc/importers/layer_lists/"] = (
    "abs attention blurpool capsule celu channel_shuffle constant crop cumsum deform_conv divide drop_path embedding "
    "fold gelu global_avgpool global_maxpool glu grid_sample grn groupnorm gru hardsigmoid hardswish identity "
    "instancenorm l2norm layernorm locally_connected lppool lstm matmul mean mish nms parameter permute pixel_shuffle "
    "pixel_unshuffle rbf rescale rmsnorm rnn roi_align roll scale selu silu slice std std_conv subsample sum "
    "take unfold var"
)

# Attention: these tools were not tried on it; from ONNX the rules of the import from PyTorch recognise it.
for where in ("torchscan", "torchscan-macs", "torchstat", "torchstat-madd", "flopth", "torchlens", "torchlens-macs"):
    LACKS[f"cnncalc/conventions/: {where}"] += " attention"
for where in ("cnncalc/conventions/: onnx-tool", "cnncalc/importers/caffe/", "cnncalc/importers/onnx/"):
    LACKS[where] += " attention"


# Recurrent layers: the other tools were not tried on them, or fail.
UNTRIED = "torchinfo@main deepspeed deepspeed-macs torchscan torchscan-macs torchstat torchstat-madd flopth"
for where in (*UNTRIED.split(), "torchlens", "torchlens-macs", "onnx-tool"):
    LACKS[f"cnncalc/conventions/: {where}"] += " lstm gru rnn"
LACKS["cnncalc/importers/caffe/"] += " lstm gru rnn divide"
# Windows laid out, and blurred: what was tried counts 0, or a convolution.
for where in (*UNTRIED.split(), "calflops", "calflops-macs", "torchlens", "torchlens-macs", "onnx-tool"):
    LACKS[f"cnncalc/conventions/: {where}"] += " unfold fold blurpool"
for where in ("onnx", "caffe"):
    LACKS[f"cnncalc/importers/{where}/"] += " take unfold fold blurpool" + (" roll" if where != "onnx" else "")
# Standardized weights: a module of its own in every network, which most tools were not tried on.
for where in (*UNTRIED.split(), "torchlens", "torchlens-macs", "onnx-tool"):
    LACKS[f"cnncalc/conventions/: {where}"] += " std_conv"
for where in ("onnx", "caffe"):
    LACKS[f"cnncalc/importers/{where}/"] += " std_conv"

# Sums, gates and norms without a mean: the tools that were tried on all, on three of them, on none.
SUMS = "sum var std cumsum embedding grn drop_path"
FOR_ALL = ("torchinfo@1.8.0", "fvcore", "torch")
FOR_THREE = "thop ultralytics-thop ptflops ptflops-nofunc ptflops-aten calflops calflops-macs deepspeed deepspeed-macs"
for where in LACKS:
    if where.startswith("cnncalc/conventions/") and (tool := where.rpartition(" ")[2]) not in FOR_ALL:
        LACKS[where] += f" {SUMS}" if tool in (*FOR_THREE.split(), "torchprofile") else f" {SUMS} max glu rmsnorm"
LACKS["cnncalc/importers/caffe/"] += f" {SUMS} max glu rmsnorm"
LACKS["cnncalc/importers/onnx/"] += " var std drop_path glu"
LACKS["cnncalc/importers/pytorch/"] += " drop_path"  # the identity in evaluation
# Tried since, on imported networks; what a hook or a patch cannot see costs nothing.
UNSEEN = "sum var std cumsum embedding drop_path grid_sample roi_align nms"
SINCE = {
    "ptflops ptflops-nofunc": f"{UNSEEN} grn {SCALES}",
    "ptflops-aten": f"{UNSEEN} rescale",
    "thop ultralytics-thop": f"{UNSEEN} grn deform_conv {SCALES}",
    "calflops calflops-macs": f"{UNSEEN} grn blurpool fold unfold {SCALES}",
    "deepspeed deepspeed-macs": f"{UNSEEN} grn blurpool fold unfold lstm gru rnn std_conv {SCALES}",
    "torchprofile": f"{UNSEEN} deform_conv {SCALES}",
    "torchscan": "attention",
    "torchstat torchstat-madd flopth": f"{UNSEEN} attention blurpool deform_conv fold unfold glu grn max rmsnorm "
    f"std_conv {SCALES}",
}
for tools, kinds in SINCE.items():
    for tool in tools.split():
        left = set(LACKS[f"cnncalc/conventions/: {tool}"].split()) - set(kinds.split())
        LACKS[f"cnncalc/conventions/: {tool}"] = " ".join(left)
LACKS |= {  # twice what these count
    "cnncalc/conventions/: ultralytics": LACKS["cnncalc/conventions/: thop"],
    "cnncalc/conventions/: ultralytics@8.4": LACKS["cnncalc/conventions/: ultralytics-thop"],
}
LACKS |= {f"cnncalc/conventions/: {name}": "capsule rbf subsample" for name in ("keras", "keras-trainable")}
# Conventions that count by the rules of another: its versions, its training step, and timm's columns.
LIKE = {
    "deepspeed": "deepspeed@0.19.8 deepspeed@edaa72212 deepspeed-training",
    "deepspeed-macs": "deepspeed-macs@0.19.8 deepspeed-macs@edaa72212",
    "fvcore": "fvcore timm timm-macts",
}
for tool, names in LIKE.items():
    kinds = LACKS.pop(f"cnncalc/conventions/: {tool}")
    LACKS |= {f"cnncalc/conventions/: {name}": kinds for name in names.split()}


def named_in(room: str) -> set[str]:
    """The kinds that the files of a room name, in any table."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (PACKAGE / room).rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {str(node.value) for node in nodes if isinstance(node, ast.Constant) and node.value in KINDS}


def tables() -> dict[str, set[str]]:
    """Every table that names kinds: where it stands → the kinds in it."""
    found = {f"cnncalc/{room}/": named_in(room) for room in ("pytorch", *IMPORTERS)}
    found["tests/layers/configurations.py"] = set(CONFIGURATIONS)
    found.update({f"cnncalc/conventions/: {name}": set(convention(name).rules) for name in CONVENTIONS})
    return found


IMPORTERS = {f"importers/{each.reader.partition(':')[0]}" for each in FORMATS if not each.says}
TABLES = tables()


def test_every_table_has_heard_of_every_kind():
    unheard: dict[str, list[str]] = {}
    for where, kinds in TABLES.items():
        for kind in KINDS - kinds - set(LACKS.get(where, "").split()):
            unheard.setdefault(kind, []).append(where)
    alike: dict[str, list[str]] = {}
    for kind, at in sorted(unheard.items()):
        alike.setdefault(", ".join(at), []).append(kind)
    missing = "\n".join(f"{' '.join(kinds)}: {at}" for at, kinds in alike.items())
    assert not unheard, f"\nadd these kinds to these tables, or to LACKS in {Path(__file__).name}:\n{missing}"


def test_the_lists_are_true():
    assert LACKS.keys() == TABLES.keys(), "LACKS has one row for every importer and every convention"
    wrong = {where: set(lacks.split()) & TABLES[where] for where, lacks in LACKS.items()}
    assert not {where: kinds for where, kinds in wrong.items() if kinds}
    assert {kind for lacks in LACKS.values() for kind in lacks.split()} <= KINDS


# --- what a descriptor says, nothing else lists ----------------------------------------------------------------------

ASKING = (
    "analysis", "checks", "differences", "elaborate", "explanations", "importers/structure", "importers/writing",
    "pytorch/bench", "pytorch/verification", "render", "solutions", "sweeps",
)  # fmt: skip
CLASSES = {layer.__name__ for layer in LAYERS.values()}
LISTED = {
    "importers/writing/manners.py": "flatten concat reshape permute crop slice identity",  # which no tool counts
    "checks/rules/channels_off_tensor_core.py": "Conv Linear",  # a guide of hardware speaks of these two
    "checks/rules/repeated_activation.py": "softmax log_softmax",  # the logarithm of what is a softmax already
}


def listed(tree: ast.AST) -> Iterator[set[str]]:
    """The kinds, or classes, that stand together in a set, a tuple, a list or a union."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Set | ast.Tuple | ast.List):
            yield {str(each.value) for each in node.elts if isinstance(each, ast.Constant) and each.value in KINDS}
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and each.id in CLASSES}


def test_rooms_ask_descriptors_and_list_no_kinds():
    found = {
        path.relative_to(PACKAGE).as_posix(): kinds
        for room in ASKING
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for kinds in listed(ast.parse(path.read_text("utf-8")))
        if len(kinds) > 1
    }
    expected = {path: set(kinds.split()) for path, kinds in LISTED.items()}
    assert found == expected, "ask for a fact of the descriptor (cnncalc/layers/facts.py), or say in LISTED why not"
