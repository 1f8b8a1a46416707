"""The memory order of outputs, and what is copied because of that of inputs: every kind of layer against PyTorch."""

import random

import pytest

torch = pytest.importorskip("torch")

from cnncalc.layers.memory_order import COPY, make_order, view  # noqa: E402
from cnncalc.layers.saved import Wanted, save_copies  # noqa: E402

from ..analysis.memory.test_saved import BATCH, EXPLAINED, configurations, own_bytes  # noqa: E402
from ..examples import FACTOR  # noqa: E402
from .configurations import CONFIGURATIONS  # noqa: E402

ORDERS = 3  # per configuration
WAYS = ("contiguous", "permuted", "channels last", "batch inside")
pytestmark = pytest.mark.usefixtures("two_threads")


def draw_tensor(shape, way, gap, rng):
    """A tensor in some memory order, and that order."""
    full = (BATCH, *shape)
    axes = list(range(len(full)))
    if way == "permuted":
        rng.shuffle(tail := axes[1:])
        axes = [0, *tail]
    elif way == "channels last":
        axes = [0, *range(2, len(full)), 1]
    elif way == "batch inside":
        rng.shuffle(axes)
    cut = rng.randint(1, len(shape)) if gap else None
    sizes = [full[axis] + 29 * (axis == cut) for axis in axes]
    tensor = torch.randn(sizes).permute([axes.index(axis) for axis in range(len(full))])
    tensor = tensor[tuple(slice(size) for size in full)]
    outside = axes[axes.index(cut) - 1 : axes.index(cut)] if cut and axes.index(cut) else []
    return tensor.requires_grad_(), make_order(axes, frozenset(outside))


def steps_of(tensor):
    """The axes of size above 1 from the outermost, each with whether there is a gap before the next."""
    wide = sorted((a for a in range(tensor.dim()) if tensor.size(a) > 1), key=lambda a: -tensor.stride(a))
    inner = [*(tensor.stride(a) * tensor.size(a) for a in wide[1:]), 1]
    return [(axis, tensor.stride(axis) != step) for axis, step in zip(wide, inner, strict=True)]


def steps_said(order, shape):
    axes = order.axes if order else range(len(shape) + 1)
    gaps, steps = order.gaps if order else (), []
    for axis in axes:
        if axis == 0 or shape[axis - 1] > 1:
            steps.append((axis, axis in gaps))
        elif steps and axis in gaps:
            steps[-1] = (steps[-1][0], True)
    return steps


def storage(tensor):
    return tensor.untyped_storage()._cdata


def compare(kind, layer, shapes, output, module, tensors, orders):
    """What a module returns and saves is in the order, and copied or not, as its layer says."""
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t.detach(), lambda t: t):
        out = module(*tensors)
    out = out[0] if isinstance(out, tuple) else out  # further outputs come after it
    known = {storage(t) for t in (*module.parameters(), *module.buffers(), *tensors, out)}
    reuse = layer.reuses(training=True)
    reuses = view(orders[0], shapes[0], output) != COPY if reuse == "laid out" else reuse != "none"
    assert reuses == (storage(out) in set(map(storage, tensors)))
    assert steps_of(out) == steps_said(layer.order(shapes, output, orders, reuses), output)
    claimed = layer.saved(shapes, output, Wanted((True,) * len(shapes), bool(layer.weights(shapes, output))))
    if claimed is None:
        return
    claimed = save_copies(claimed, shapes, layer.copied(shapes, orders))
    kept = {storage(t) for t in saved}
    assert [n for n, t in enumerate(tensors) if storage(t) in kept and not (n == 0 and reuses)] == [
        n for n in claimed.inputs if not (n == 0 and reuses)
    ]
    own = {storage(t): t.untyped_storage().nbytes() for t in saved if storage(t) not in known}
    if kind not in EXPLAINED:
        assert sum(own.values()) == sum(own_bytes(k, BATCH) for k in claimed.own)


@pytest.mark.parametrize("kind", sorted(CONFIGURATIONS))
@pytest.mark.filterwarnings("ignore")
def test_output_and_copies(kind):
    rng, seen = random.Random(kind), 0
    for layer, shapes, output, module in configurations(kind, 12 * FACTOR):
        if layer.__dict__.get("inplace"):
            continue  # a leaf cannot be overwritten
        for _ in range(ORDERS):
            way, gap = rng.choice(WAYS), rng.random() < 0.3
            tensors, orders = zip(*(draw_tensor(shape, way, gap, rng) for shape in shapes), strict=True)
            try:
                compare(kind, layer, shapes, output, module, tensors, orders)
            except AssertionError as error:
                raise AssertionError(f"{layer} {shapes} {orders}") from error
            seen += 1
    assert seen > 10
