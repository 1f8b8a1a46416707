"""Memory: known figures, liveness against a naive simulation, closed forms against numbers, budgets against trying."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest

import cnncalc
from cnncalc.analysis.memory.liveness import Load, Span, envelope, loads_per_step, peak_of
from cnncalc.analysis.memory.memory import Memory
from cnncalc.analysis.memory.moment import largest_batch
from cnncalc.analysis.memory.training import OPTIMIZERS
from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.layers import LAYERS
from cnncalc.quantities.dtypes import WIDTHS
from cnncalc.shipped import names
from cnncalc.symbolic import symbol

from ...effort import seconds
from ...examples import examples

NETWORKS = [
    f"{name}@{variant}" if variant else name for name in names() for variant in (cnncalc.load(name).variants or (None,))
]


def memory(name, *arguments, sizes=None, **options):
    return cnncalc.load(name).analyze(sizes).memory(*arguments, **options)


def item(text, **options):
    return cnncalc.parse(text).analyze().memory(**options)


def at(size, **values):
    """A closed form's number; a number is its own."""
    return size if isinstance(size, int) else size.evaluate(values)


# onnx-tool's activation pool (docs/conventions.md)
def test_peak_of_vgg16():
    peak = memory("vgg@16", fold_batchnorm=True).peak
    assert peak.bytes == 26_292_224
    assert [live.name for live in peak.alive] == ["input", "conv1_1", "relu1"]
    assert peak.again == ("conv1_2", "relu2")


def test_peak_of_resnet18():
    peak = memory("resnet@18", fold_batchnorm=True).peak
    assert peak.bytes == 7_024_640
    assert [(live.name, live.bytes) for live in peak.alive] == [
        ("input", 602_112),
        ("conv1", 3_211_264),
        ("relu1", 3_211_264),
    ]


def test_weights_and_buffers():
    report = cnncalc.load("resnet@50").analyze()
    found = report.memory()
    assert found.weights == 4 * 25_557_032
    counters = sum(layer.kind == "batchnorm" for layer in report.layers)
    assert found.buffers == 4 * (report.totals.buffers - counters) + 8 * counters


def test_folding_gives_biases_and_takes_statistics():
    plain, folded = memory("resnet@18"), memory("resnet@18", fold_batchnorm=True)
    channels = sum(node.output[0] for node in plain.graph.nodes if node.kind == "batchnorm")
    assert len(folded.folded) == 20
    assert folded.weights == plain.weights - 4 * channels  # γ goes, β becomes the bias
    assert folded.buffers == 0


def test_batchnorm_that_others_share_the_input_of_stays():
    spec = (
        "input: 4x8x8\nlayers:\n  - conv: {out_channels: 4, kernel_size: 1}\n    name: c\n  - batchnorm\n  - add: c\n"
    )
    assert item(spec, fold_batchnorm=True).folded == frozenset()


@pytest.mark.parametrize("dtype", sorted(WIDTHS))
def test_every_dtype(dtype):
    width, one = WIDTHS[dtype], memory("alexnet")
    found = memory("alexnet", dtype=dtype)
    assert found.peak.bytes * 4 == one.peak.bytes * width
    assert found.weights * 4 == one.weights * width


def test_half_precision_keeps_statistics_in_float32():
    spec = "input: 4x8x8\nlayers:\n  - conv: {out_channels: 6, kernel_size: 1, bias: false}\n  - batchnorm\n"
    assert item(spec, dtype="float16").training.saved == 2 * 6 * 64 + 2 * 6 * 4
    assert item(spec, dtype="float64").training.saved == 8 * (6 * 64 + 12)


VIEWS = """
input: 4x6x6
layers:
  - conv: {out_channels: 4, kernel_size: 1}
  - relu: {inplace: true}
  - dropout: 0.5
  - identity
  - flatten
  - reshape: [4, 36]
  - permute: [2, 1]
  - flatten
  - linear: 3
"""


def test_views_and_what_runs_in_place_take_nothing():
    found = {activation.name: activation for activation in item(VIEWS).activations}
    assert [name for name, activation in found.items() if activation.bytes] == ["conv1", "flatten2", "linear1"]
    assert {a.memory_of for a in found.values() if not a.bytes} == {"conv1"}
    assert found["flatten2"].bytes == 4 * 144  # the numbers lie in another order: a copy
    assert item(VIEWS).activation_bytes == 4 * (144 + 144 + 3)


def test_concat_copies():
    spec = "input: 3x4x4\nlayers:\n  - relu:\n    name: a\n  - tanh\n  - concat: a\n"
    found = item(spec)
    assert [activation.bytes for activation in found.activations] == [192, 192, 384]
    assert found.peak.bytes == 192 * 3 + 384


def test_training_heads_have_no_part_in_inference_and_one_in_training():
    found = memory("googlenet")
    heads = {node.name for node in found.graph.nodes if node.training}
    assert heads
    assert not heads & {live.name for live in found.peak.alive}
    assert found.weights == 4 * 6_624_904
    assert found.training.weights == found.training.gradients == 4 * 13_004_888


def test_frozen_parameters_have_neither_gradient_nor_state():
    spec = "input: 8\nlayers:\n  - linear: 8\n    frozen: true\n  - relu\n  - linear: 4\n"
    training = item(spec, optimizer="adam").training
    assert training.gradients == 4 * (8 * 4 + 4)
    assert training.optimizer == 2 * training.gradients
    assert training.saved == 4 * 8  # the second layer's input; nothing before it is learnt


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_optimizer_state_is_pytorch_s(optimizer):
    torch = pytest.importorskip("torch")
    linear = torch.nn.Linear(5, 3)
    made = {
        "sgd": lambda p: torch.optim.SGD(p),
        "momentum": lambda p: torch.optim.SGD(p, momentum=0.9),
        "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }[optimizer](linear.parameters())
    linear(torch.randn(2, 5)).sum().backward()
    made.step()
    state = [t for per in made.state.values() for name, t in per.items() if torch.is_tensor(t) and name != "step"]
    theirs = sum(tensor.numel() * 4 for tensor in state)
    assert item("input: 5\nlayers:\n  - linear: 3\n", optimizer=optimizer).training.optimizer == theirs


def naive(graph, width=4):
    """The peak by asking at every step of every tensor whether anything still reads it."""
    position = {node.name: step for step, node in enumerate(graph.nodes)}
    sizes = {name: width * _count(shape) for name, shape in graph.inputs.items()}
    sizes |= {node.name: width * _count(node.output) for node in graph.nodes}
    readers = {name: [position[n.name] for n in graph.nodes if name in n.inputs] for name in sizes}
    alive = []
    for step in range(len(graph.nodes)):
        total = 0
        for name, size in sizes.items():
            born = position.get(name, 0)
            kept = name in graph.inputs or name in graph.outputs.values()
            if born <= step and (kept or max(readers[name], default=born) >= step):
                total += size
        alive.append(total)
    return max(alive), alive.index(max(alive))


def _count(shape):
    product = 1
    for size in shape:
        product *= size
    return product


def random_graph(seed, length=None):
    """A DAG of activations and sums over one shape, and of poolings that shrink it."""
    draw = random.Random(seed)
    shapes = {"input": (draw.randint(1, 4), 8, 8)}
    nodes = []
    for index in range(length or draw.randint(1, 25)):
        wanted = shapes[draw.choice(list(shapes))]
        same = [name for name, shape in shapes.items() if shape == wanted]
        if len(same) > 1 and draw.random() < 0.5:
            kind, reads = draw.choice(["add", "concat"]), draw.sample(same, min(len(same), draw.randint(2, 4)))
        else:
            kind, reads = draw.choice(["relu", "tanh", "maxpool"]), [draw.choice(same)]
        shape = shapes[reads[0]]
        if kind == "maxpool" and shape[1] > 1:
            output = (shape[0], shape[1] // 2, shape[2] // 2)
        else:
            kind = "tanh" if kind == "maxpool" else kind
            output = (sum(shapes[name][0] for name in reads), *shape[1:]) if kind == "concat" else shape
        if output[0] > 64:
            kind, output = "add", shape
        layer = LAYERS[kind].make({"kernel_size": 2} if kind == "maxpool" else {}, 2)
        name = f"{kind}{index}"
        nodes.append(Node(name, layer, tuple(reads), tuple(shapes[read] for read in reads), output, {}, {}))
        shapes[name] = output
    outputs = {f"out{i}": name for i, name in enumerate(draw.sample(list(shapes), min(2, len(shapes))))}
    return Graph("random", None, {"input": shapes["input"]}, tuple(nodes), outputs, {})


def test_peak_of_random_graphs_is_the_naive_one():
    for seed in range(examples(1500)):
        graph = random_graph(seed)
        most, step = naive(graph)
        peak = Memory(graph).peak
        assert (peak.bytes, peak.node) == (most, graph.nodes[step].name), seed
        assert sum(live.bytes for live in peak.alive) == most


def test_alive_is_what_the_spans_say():
    draw = random.Random(5)
    for _ in range(examples(300)):
        steps = draw.randint(1, 9)
        spans = []
        for index in range(draw.randint(0, 8)):
            first = draw.randrange(steps)
            load = Load(draw.randint(0, 5), draw.randint(0, 5))
            spans.append(Span(str(index), load, first, draw.randint(first, steps + 1)))
        alive = loads_per_step(spans, steps)
        for step in range(steps):
            there = [span.load for span in spans if span.first <= step <= span.last]
            assert alive[step] == sum(there, Load())
        for batch in (1, 2, 7):
            peak = peak_of(alive, batch)
            assert peak.bytes == max(load.at(batch) for load in alive)
            assert at(peak_of(alive, symbol("N")).bytes, N=batch) == peak.bytes
        budget = draw.randint(0, 60)
        fitting = [n for n in range(1, 70) if max(load.at(n) for load in alive) + 3 <= budget]
        largest = largest_batch(budget, 3, alive)
        if any(load.each for load in alive):
            assert min(largest, 69) == max(fitting, default=0)


@pytest.mark.parametrize("name", NETWORKS)
def test_symbolic_batch_is_every_batch(name):
    report = cnncalc.load(name).analyze()
    closed = report.memory(symbol("N"), optimizer="adam")
    for batch in (1, 3, 64):
        found = report.memory(batch, optimizer="adam")
        assert at(closed.peak.bytes, N=batch) == found.peak.bytes
        assert at(closed.activation_bytes, N=batch) == found.activation_bytes
        assert at(closed.training.saved, N=batch) == found.training.saved
        assert at(closed.training.bytes, N=batch) == found.training.bytes


@pytest.mark.parametrize(("name", "channels"), [("resnet@18", 3), ("alexnet", 3), ("vgg@11", 3)])
def test_symbolic_sizes_are_every_size(name, channels):
    closed = cnncalc.load(name).analyze((channels, "H", "H"))
    try:
        sizes = [224, 227, 231, 256]
        for size in sizes:
            found = cnncalc.load(name).analyze((channels, size, size)).memory(2)
            ours = closed.memory(2)
            assert at(ours.peak.bytes, H=size) == found.peak.bytes
            assert at(ours.activation_bytes, H=size) == found.activation_bytes
    except cnncalc.SpecError:
        assert name != "resnet@18"  # one whose linear layer fixes the size


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("training", [False, True])
def test_the_largest_batch_fits_and_the_next_does_not(name, training):
    report = cnncalc.load(name).analyze()
    for budget in (1 << 20, 600 << 20, 8 << 30):
        most = report.memory(optimizer="momentum").fits(budget, training)

        def taken(batch):
            found = report.memory(batch, optimizer="momentum")
            return found.training.bytes if training else found.inference_bytes

        assert taken(most + 1) > budget
        assert most == 0 or taken(most) <= budget


def test_of_many_loads_those_that_are_the_largest_for_some_batch():
    draw = random.Random(9)
    for count in (1, 2, 5, 300):
        for _ in range(examples(50)):
            alive = [Load(draw.randint(0, 40), draw.randint(0, 400)) for _ in range(count)]
            kept = envelope(alive)
            for batch in range(1, 420):
                assert max(load.at(batch) for load in kept) == max(load.at(batch) for load in alive)
            crossings = [Fraction(a.fixed - b.fixed, b.each - a.each) for a, b in pairwise(kept)]
            assert crossings == sorted(set(crossings))
            assert all(crossing > 1 for crossing in crossings)


def test_what_cannot_be_asked():
    with pytest.raises(UsageError, match="unknown dtype 'flaot32': did you mean 'float32'"):
        memory("alexnet", dtype="flaot32")
    with pytest.raises(UsageError, match="unknown optimizer 'adma': did you mean 'adam'"):
        memory("alexnet", optimizer="adma")
    with pytest.raises(UsageError, match="batch H is also a symbol of the input"):
        memory("resnet@18", symbol("H"), sizes=(3, "H", "W"))
    with pytest.raises(UsageError, match="floating-point dtype"):
        _ = memory("alexnet", dtype="int8").training
    with pytest.raises(UsageError, match="depends on H"):
        memory("resnet@18", sizes=(3, "H", "H")).fits(8 << 30)


def test_ten_thousand_layers_with_long_skips_take_linear_time():
    def taken(length):
        layer, add = LAYERS["tanh"].make({}, 2), LAYERS["add"].make({}, 2)
        shape, nodes = (4, 8, 8), []
        for index in range(length):
            before = f"n{index - 1}" if index else "input"
            skip = f"n{index // 2}" if index % 3 == 2 else None
            reads = (before, skip) if skip else (before,)
            nodes.append(Node(f"n{index}", add if skip else layer, reads, (shape,) * len(reads), shape, {}, {}))
        graph = Graph("long", None, {"input": shape}, tuple(nodes), {"output": nodes[-1].name}, {})

        def both_peaks():
            found = Memory(graph)
            assert found.peak.bytes > 0
            assert found.training.peak.bytes > 0

        return seconds(both_peaks, times=3)

    taken(1000)
    assert taken(10_000) < 10 * taken(2500)  # 16 if it were quadratic


def test_attention_without_the_fused_kernel_saves_its_scores() -> None:
    """PyTorch's MATH kernels keep the same, tensor by tensor."""
    pytest.importorskip("torch")
    from torch.nn.attention import SDPBackend, sdpa_kernel

    from cnncalc.pytorch.verification.saved import verify_memory

    memory = Memory(cnncalc.load("vit").graph(input=(3, 64, 64), params={"dim": 48, "depth": 2}))
    assert memory.unfused is not None
    with sdpa_kernel(SDPBackend.MATH):
        assert verify_memory(memory.unfused.graph).ok
        assert not verify_memory(memory.graph).ok
    assert memory.unfused.training.saved > memory.training.saved


def test_vit_with_and_without_the_fused_kernel() -> None:
    memory = Memory(cnncalc.load("vit").graph())
    assert memory.unfused is not None
    scores, copies = 12 * 12 * 197 * 197 * 4, 12 * (3 * 768 * 197) * 4
    fused = 12 * (3 * 768 * 197 + 12 * 197) * 4  # queries, keys and values, and a number per query; the output is read
    assert memory.unfused.training.saved - memory.training.saved == scores + copies - fused


def test_attention_that_never_fuses_is_said_once() -> None:
    assert Memory(cnncalc.load("swin").graph()).unfused is None
    assert Memory(cnncalc.load("resnet@18").graph()).unfused is None
