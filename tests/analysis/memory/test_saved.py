"""What autograd saves: every kind of layer, every shipped network and random networks against PyTorch on CPU.

`EXPLAINED` of the package has the only differences there are; each must be exactly as it says.
"""

import warnings
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")

import cnncalc  # noqa: E402
from cnncalc.errors import LayerError, SpecError  # noqa: E402
from cnncalc.graph import Node  # noqa: E402
from cnncalc.layers import LAYERS  # noqa: E402
from cnncalc.layers.saved import SavedTensor, Wanted, save_copies  # noqa: E402
from cnncalc.pytorch import build  # noqa: E402
from cnncalc.pytorch.builder import build_layer  # noqa: E402
from cnncalc.pytorch.verification.saved import EXPLAINED, key, saved_tensors, verify_memory  # noqa: E402

from ...layers.configurations import CONFIGURATIONS, Draw  # noqa: E402
from ...pytorch.random_specs import Sketch  # noqa: E402
from ...shipped_networks import TAKEN, small  # noqa: E402

BATCH = 2
WIDTH = 4
DRAWS = 60


def own_bytes(kept: SavedTensor, batch: int) -> int:
    return kept.numbers * max(kept.width or WIDTH, kept.least) * (batch if kept.each else 1)


def place_of(layer, shapes, output):
    return SimpleNamespace(layer=layer, shapes=shapes, output=output)


def hold(condition, why):
    if not condition:
        raise why()


def configurations(kind, draws=DRAWS):
    for seed in range(draws):
        drawn = CONFIGURATIONS[kind](Draw(f"saved {kind} {seed}"))
        try:
            layer = LAYERS[kind].make(drawn.arguments, drawn.rank)
            output = layer.output(drawn.shapes, hold)
            module = build_layer(Node(kind, layer, (), tuple(drawn.shapes), output, {}, {})).train()
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
    with saved_tensors() as collected:
        output = module(*inputs)
        saved = list(collected)
    output = output[0] if isinstance(output, tuple) else output  # further outputs come after it
    named = {key(tensor): "known" for tensor in (*module.parameters(), *module.buffers())}
    named[key(output)] = "output"
    named |= {key(tensor): number for number, tensor in enumerate(inputs)}
    own = {key(tensor): tensor.untyped_storage().nbytes() for tensor in saved if key(tensor) not in named}
    found = {named[key(tensor)] for tensor in saved if key(tensor) in named} - {"known"}
    return found, sum(own.values()), key(output) in {key(tensor) for tensor in inputs}


UNSAID = ("lstm", "gru", "rnn")  # of which libraries save what they alone know


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
                if ours is None:
                    assert kind in UNSAID
                    seen += 1
                    continue
                ours = save_copies(ours, shapes, layer.copied(shapes, [None] * len(shapes)))
                expected = set(ours.inputs) | ({0 if reuses else "output"} if ours.output else set())
                assert names_ == expected, (layer, shapes, wanted)
                more = own - sum(own_bytes(kept, BATCH) for kept in ours.own)
                if own:
                    allowed = (
                        EXPLAINED[kind].more(place_of(layer, shapes, output), BATCH) if kind in EXPLAINED else set()
                    )
                    assert more in {0, *allowed}, (
                        f"autograd keeps {more} bytes beyond {ours}: {layer} {shapes} {wanted}"
                    )
                else:
                    assert more == 0, (layer, shapes, wanted)
                seen += 1
    assert seen > 20, f"{kind}: only {seen} configurations ran"


def test_every_kind_says_what_it_saves():
    unsaid = [
        kind
        for kind, layer in LAYERS.items()
        if kind != "unknown" and layer.saves is None and layer.saved is LAYERS["capsule"].__mro__[1].saved
    ]
    assert unsaid == []


def test_sources_of_differences_are_documented():
    assert all(explained.why for explained in EXPLAINED.values())


def compare(graph):
    """Every node of a graph, run in training mode on the CPU, keeps as much as we say."""
    found = verify_memory(graph, batch=BATCH, shrink=False)
    assert found.ok, list(found.differences())
    assert all(row.checks for row in found.rows)
    training = cnncalc.Report(graph, BATCH).memory().training
    inputs_kept = sum(
        tensor.load.at(BATCH)
        for node in graph.nodes
        for tensor in training.kept_by(node.name) or ()
        if not tensor.what and tensor.name in graph.inputs
    )
    every = sum(tensor.load.at(BATCH) for node in graph.nodes for tensor in training.kept_by(node.name) or ())
    assert training.saved == every - inputs_kept
    return len(found.rows)


@pytest.mark.parametrize("name", TAKEN)
def test_network_saves_what_we_say(name):
    graph = cnncalc.load(name).graph(**small(name))
    kept_by = cnncalc.Report(graph, BATCH).memory().training.kept_by
    if any(kept_by(node.name) is None for node in graph.nodes):
        pytest.skip("what a recurrent layer saves is the library's own")
    assert compare(graph) == len(graph.nodes) > 1


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
        kept_by = cnncalc.Report(graph, BATCH).memory().training.kept_by
        if any(kept_by(node.name) is None for node in graph.nodes):
            continue  # such as a recurrent layer, of which the library decides
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                build(graph).train()(*(torch.randn(BATCH, *shape) for shape in graph.inputs.values()))
            except (RuntimeError, ValueError):
                continue  # what training alone refuses: one value per channel, a tensor overwritten
            compare(graph)
        compared += 1
    assert compared > RANDOM // PARTS // 4
