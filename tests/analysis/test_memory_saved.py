"""What autograd saves: every kind of layer, every shipped network and random networks against PyTorch on CPU.

`EXPLAINED` has the only differences there are; each must be exactly as it says.
"""

import contextlib
import warnings

import pytest

torch = pytest.importorskip("torch")

import cnncalc  # noqa: E402
from cnncalc.errors import LayerError, SpecError  # noqa: E402
from cnncalc.layers import LAYERS  # noqa: E402
from cnncalc.layers.saved import Kept, Wanted  # noqa: E402
from cnncalc.shipped import names  # noqa: E402
from cnncalc.torch_backend import build  # noqa: E402
from cnncalc.torch_backend.build import build_layer  # noqa: E402
from cnncalc.torch_backend.place import Place  # noqa: E402

from ..layers.configurations import CONFIGURATIONS, Draw  # noqa: E402
from ..torch_backend.random_specs import Sketch  # noqa: E402
from .allocator import key, saved_tensors  # noqa: E402

BATCH = 2
WIDTH = 4
DRAWS = 60


def own_bytes(kept: Kept, batch: int) -> int:
    return kept.numbers * max(kept.width or WIDTH, kept.least) * (batch if kept.each else 1)


def dropout_mask(layer, shapes, output):
    """The CPU keeps the mask in the input's dtype, CUDA a byte per number, which is what we say."""
    if 0 < layer.p < 1 and layer.mode == "element":
        return BATCH * (WIDTH - 1) * _count(output)
    return 0


def unfolded_view(layer, shapes, output):
    """Where strides happen to allow it, the windows stay a view of the padded input, where we say a copy."""
    channels = shapes[0][0]
    padded = _count((channels, *(w.low + w.size + w.high for w in layer.windows(shapes))))
    return {0, BATCH * WIDTH * (padded - channels * _count(layer.kernel_size) * _count(output[1:]))}


EXPLAINED = {"dropout": dropout_mask, "locally_connected": unfolded_view}
"""Kind → bytes that the CPU keeps beyond ours (one number, or the set of those it may be)."""


def _count(shape):
    product = 1
    for size in shape:
        product *= size
    return product


def hold(condition, why):
    if not condition:
        raise why()


def configurations(kind, draws=DRAWS):
    for seed in range(draws):
        drawn = CONFIGURATIONS[kind](Draw(f"saved {kind} {seed}"))
        try:
            layer = LAYERS[kind].make(drawn.arguments, drawn.rank)
            output = layer.output(drawn.shapes, hold)
            module = build_layer(Place(layer, drawn.shapes, output, {"device": None, "dtype": None})).train()
            with torch.no_grad():
                module(*(torch.randn(BATCH, *shape) for shape in drawn.shapes))
        except (
            LayerError,
            RuntimeError,
            ValueError,
            IndexError,
            OverflowError,
            NotImplementedError,
            ZeroDivisionError,
        ):
            continue
        yield layer, drawn.shapes, output, module


def run(module, shapes, gradient):
    """What a module saves: names of inputs and output, and bytes of tensors of its own."""
    inputs = [torch.randn(BATCH, *shape, requires_grad=gradient) for shape in shapes]
    if gradient:
        inputs = [tensor * 1 for tensor in inputs]  # leaves cannot be overwritten
    with saved_tensors() as saved:
        output = module(*inputs)
    named = {key(tensor): "known" for tensor in (*module.parameters(), *module.buffers())}
    named[key(output)] = "output"
    named |= {key(tensor): number for number, tensor in enumerate(inputs)}
    own = {key(tensor): tensor.untyped_storage().nbytes() for tensor in saved if key(tensor) not in named}
    found = {named[key(tensor)] for tensor in saved if key(tensor) in named} - {"known"}
    return found, sum(own.values()), key(output) in {key(tensor) for tensor in inputs}


@pytest.mark.parametrize("kind", sorted(CONFIGURATIONS))
@pytest.mark.filterwarnings("ignore")
def test_layer_saves_what_we_say(kind):
    seen = 0
    for layer, shapes, output, module in configurations(kind):
        for gradient in (True, False):
            for learns in (True, False):
                for parameter in module.parameters():
                    parameter.requires_grad_(learns)
                wanted = Wanted((gradient,) * len(shapes), learns and bool(layer.weights(shapes, output)))
                names_, own, reuses = run(module, shapes, gradient)
                assert reuses == (layer.reuses(training=True) != "none"), (layer, shapes)
                if not (wanted.any_input or wanted.weights):
                    assert (names_, own) == (set(), 0), (layer, shapes)
                    continue
                ours = layer.saved(shapes, output, wanted)
                expected = set(ours.inputs) | ({0 if reuses else "output"} if ours.output else set())
                assert names_ == expected, (layer, shapes, wanted)
                more = own - sum(own_bytes(kept, BATCH) for kept in ours.own)
                if own:
                    allowed = EXPLAINED.get(kind, lambda *_: 0)(layer, shapes, output)
                    assert more in (allowed if isinstance(allowed, set) else {allowed}), (layer, shapes, wanted)
                else:
                    assert more == 0, (layer, shapes, wanted)
                seen += 1
    assert seen > 20, f"{kind}: only {seen} configurations ran"


def test_every_kind_says_what_it_saves():
    unsaid = [
        kind
        for kind, layer in LAYERS.items()
        if layer.saves is None and layer.saved is LAYERS["capsule"].__mro__[1].saved
    ]
    assert unsaid == []


def test_sources_of_differences_are_documented():
    assert all(explain.__doc__ for explain in EXPLAINED.values())


SMALL = {
    "alexnet": (3, 67, 67),
    "googlenet": (3, 64, 64),
    "lenet5": None,
    "mobilenet_v2": (3, 64, 64),
    "tcn": None,
    "unet": (1, 188, 188),
}
NETWORKS = [
    f"{name}@{variant}" if variant else name for name in names() for variant in (cnncalc.load(name).variants or (None,))
]


def network_graph(name):
    spec = cnncalc.load(name)
    stem = name.split("@")[0]
    for sizes in (SMALL.get(stem, (3, 64, 64)), None):
        with contextlib.suppress(SpecError, cnncalc.UsageError):
            return spec.graph(sizes)
    raise AssertionError(name)


def saved_per_node(graph, network, inputs):
    """Node → the storages that it is the first to save, as bytes; weights and buffers apart."""
    known = {key(tensor) for tensor in (*network.parameters(), *network.buffers())}
    per_node, seen = {}, set()
    holding = []
    with saved_tensors() as saved:

        def leave(name):
            def note(module, args, out):
                new = {key(t): t.untyped_storage().nbytes() for t in saved if key(t) not in known | seen}
                seen.update(new)
                per_node[name] = sum(new.values())
                holding.extend(saved)

            return note

        handles = [network.module(node.name).register_forward_hook(leave(node.name)) for node in graph.nodes]
        network(*inputs)
        for handle in handles:
            handle.remove()
    return per_node


def compare(graph):
    """Every node of a graph, run in training mode on the CPU, keeps as much as we say."""
    network = build(graph).train()
    inputs = [torch.randn(BATCH, *shape) for shape in graph.inputs.values()]
    theirs = saved_per_node(graph, network, inputs)
    training = cnncalc.Report(graph, BATCH).memory().training
    for node in graph.nodes:
        kept = training.kept_by(node.name)
        assert kept is not None, node.name
        ours = sum(tensor.load.at(BATCH) for tensor in kept)
        explained = 0
        if node.kind in EXPLAINED and any(tensor.what for tensor in kept):
            explained = EXPLAINED[node.kind](node.layer, node.shapes, node.output)
        allowed = explained if isinstance(explained, set) else {explained}
        assert theirs[node.name] - ours in allowed, (node.name, node.kind, theirs[node.name], ours)
    inputs_kept = sum(
        tensor.load.at(BATCH)
        for node in graph.nodes
        for tensor in training.kept_by(node.name) or ()
        if not tensor.what and tensor.name in graph.inputs
    )
    every = sum(tensor.load.at(BATCH) for node in graph.nodes for tensor in training.kept_by(node.name) or ())
    assert training.saved == every - inputs_kept
    return len(graph.nodes)


@pytest.mark.parametrize("name", NETWORKS)
def test_network_saves_what_we_say(name):
    assert compare(network_graph(name)) > 5


RANDOM = 200
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_random_networks_save_what_we_say(part):
    compared = 0
    for index in range(part, RANDOM, PARTS):
        try:
            graph = cnncalc.parse(Sketch(f"saved {index}").text()).graph()
        except SpecError:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                build(graph).train()(*(torch.randn(BATCH, *shape) for shape in graph.inputs.values()))
            except (RuntimeError, ValueError):
                continue  # what training alone refuses: one value per channel, a tensor overwritten
            compare(graph)
        compared += 1
    assert compared > RANDOM // PARTS // 4
