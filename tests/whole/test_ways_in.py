"""Every way in reads a quantity by the same words, and answers a wrong one with what was probably meant."""

from fractions import Fraction

import pytest

import cnncalc
from cnncalc import SpecError, UsageError
from cnncalc.analysis.memory.memory import Memory
from cnncalc.cli.bench import parse_batches
from cnncalc.differences.limits import read_limits
from cnncalc.quantities.amounts import nearest_amount, read_amount, read_count
from cnncalc.quantities.bytes import read_bytes
from cnncalc.quantities.dtypes import dtype_among, read_dtype
from cnncalc.quantities.given import parse_batch, whole_number
from cnncalc.quantities.shapes import read_inputs, read_numbers, read_shape
from cnncalc.sweeps.where import Where
from cnncalc.symbolic import symbol

SPEC = "input: 3x8x8\nlayers: [relu]\n"
H, W, H1234 = map(symbol, ("H", "W", "H1234"))


# --- amounts: counts and bytes ---------------------------------------------------------------------------------------


def expected_bound(text, figure="peak_memory"):
    """`expect: {peak_memory: 512kB}`: the bound, its number twice."""
    (found,) = cnncalc.parse(f"{SPEC}expect: {{{figure}: '{text}'}}").document.expect
    assert found.must.low == found.must.high
    return found.must.low


def where(text, figure="peak_memory"):
    """`--where 'peak_memory == 512kB'`, at points that have the number and one more."""
    condition = Where(f"{figure} == {text}", "--where")
    condition.bind([figure])
    number = AMOUNTS[text]
    assert condition.holds([number]) is True
    assert condition.holds([number + 1]) is False
    return number


def fail_over(text, figure="peak_memory"):
    (limit,) = read_limits([f"{figure}={text}"])
    return limit.number


IN_BYTES = {
    "expect": expected_bound,
    "--where": where,
    "--fail-over": fail_over,
    "--fits": lambda text: read_bytes(text, "--fits"),
}
COUNTS = {
    "expect": lambda text: expected_bound(text, "params"),
    "--where": lambda text: where(text, "params"),
    "--fail-over": lambda text: fail_over(text, "params"),
    "--reconcile": lambda text: read_count(text, "--reconcile"),
    "--batch": lambda text: whole_number("--batch", text),
    "memory --batch": parse_batch,
}
PLAIN = {
    "2k": 2000,
    "2K": 2000,
    "1,000": 1000,
    "5,000": 5000,
    "1,234,567": 1_234_567,
    "1_000": 1000,
    "4096": 4096,
    "4.09G": 4_090_000_000,
    "1.5M": 1_500_000,
    "3.5e3": 3500,
    "2 M": 2_000_000,
}
BYTES = {
    "512kB": 512_000,
    "512KB": 512_000,
    "1.5MiB": 3 << 19,
    "8GiB": 8 << 30,
    "8GB": 8 * 10**9,
    "512 MiB": 512 << 20,
    "64B": 64,
}
AMOUNTS = PLAIN | BYTES
LARGE = ("4.09G",)  # more images than a batch has


@pytest.mark.parametrize("text", AMOUNTS)
@pytest.mark.parametrize("way", IN_BYTES)
def test_bytes_by_every_way(way, text):
    assert IN_BYTES[way](text) == AMOUNTS[text]


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("way", COUNTS)
def test_counts_by_every_way(way, text):
    if not (way.endswith("--batch") and text in LARGE):
        assert COUNTS[way](text) == PLAIN[text]


def test_a_list_of_batches_is_one_of_counts():
    assert parse_batches("1,8,64") == (1, 8, 64)
    assert parse_batches("2k, 1") == (2000, 1)


WRONG = {
    "512mb": "512MB",
    "1.5mib": "1.5MiB",
    "8gib": "8GiB",
    "1,5M": "1.5M",
    "5 million": "5M",
    "3 bn": "3G",
    "1.000.000": "1,000,000",
    "5 000": "5,000",
    "12'345": "12,345",
    "4kiB": "4KiB",
    "7Mibs": "7MiB",
}


@pytest.mark.parametrize("text", WRONG)
def test_the_amount_that_was_meant(text):
    assert read_amount(text) is None
    assert nearest_amount(text) == WRONG[text]


@pytest.mark.parametrize("text", ["5Q", "", "M", "five", "5 apples", "1,00,0", "9" * 200, "-3", "0x10"])
def test_no_amount_is_near(text):
    assert read_amount(text) is None
    assert nearest_amount(text) is None


def refusal(way, text):
    with pytest.raises((UsageError, SpecError)) as caught:
        way(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("way", "text", "expected", "meant"),
    [
        ("--fits", "512mb", "--fits: expected a number of bytes, such as 8GiB (1024-based) or 8GB", "512MB"),
        ("expect", "512mb", "expect: peak_memory: expected a number or a bound", "512MB"),
        ("expect", "at most 1,5M", "write a number, 'at most 730M'", "at most 1.5M"),
        ("--fail-over", "+512mb", "expected figure=limit, such as params=+5%", "peak_memory=+512MB"),
        ("--where", "5mb", "'5mb' is not a number", "5MB"),
    ],
)
def test_a_wrong_amount_of_bytes(way, text, expected, meant):
    message = refusal(IN_BYTES[way] if way != "--where" else lambda text: Where(f"macs < {text}", way), text)
    assert expected in message
    assert f"did you mean '{meant}'?" in message


@pytest.mark.parametrize(
    ("way", "text", "expected"),
    [
        ("--reconcile", "4KB", "--reconcile: expected a count, not bytes: write '4K'"),
        ("--reconcile", "7B", "--reconcile: expected a count, not bytes: write '7G' for billions"),
        ("--reconcile", "4.1g", "--reconcile: expected a number, such as 1,000, 2k or 4.11G: did you mean '4.1G'?"),
        ("--fail-over", "+4KB", "--fail-over params=+4KB: expected a count, not bytes: write 'params=+4K'"),
        ("expect", "4KB", "expected a count, not bytes, got '4KB'"),
        ("--batch", "2m", "--batch: expected a whole number from 1 to 1,000,000,000, got '2m': did you mean '2M'?"),
        ("--batch", "1.5", "--batch: expected a whole number from 1"),
        ("memory --batch", "n", "--batch: expected a whole number of at least 1, or a capital letter for a symbol"),
    ],
)
def test_a_wrong_count(way, text, expected):
    assert expected in refusal(COUNTS[way], text)


def test_within_brackets_a_comma_is_not_in_a_number():
    with pytest.raises(UsageError, match=r"within brackets a comma ends a number \(write 5000\)"):
        Where("max(params, 5,000) < 3", "--where")
    condition = Where("output == [10,100] or params < 5,000 and max(macs,100) > 1,000", "--where")
    condition.bind(["output", "params", "macs"])
    assert condition.holds([(10, 100), 1, 1]) is True
    assert condition.holds([(10,), 4999, 1001]) is True
    assert condition.holds([(10,), 5000, 1001]) is False


def test_a_field_says_what_to_write():
    for text, number in (
        ("2k", "2000"),
        ("1.5M", "1500000"),
        ("1,000", "1000"),
        ("3KiB", "3072"),
        ("2 B", "2000000000"),
    ):
        with pytest.raises(SpecError, match=f"write {number}"):
            cnncalc.parse(f"input: 3x8x8\nlayers:\n  - conv:\n      out_channels: {text}\n      kernel_size: 1\n")


# --- sizes -----------------------------------------------------------------------------------------------------------

SIZES = {
    "3x28x28": (3, 28, 28),
    "3×28×28": (3, 28, 28),
    "3 x 28 x 28": (3, 28, 28),
    "3xHxW": (3, H, W),
    "3xH1234xW": (3, H1234, W),
}
LISTS = {"[3, 28, 28]": (3, 28, 28), "[3, H1234, W]": (3, H1234, W)}  # not without brackets, as YAML has lists too
ROWS = {"3,28,28": (3, 28, 28), "(3, 28, 28)": (3, 28, 28), "3 28 28": (3, 28, 28)}
CAFFE = """
input: "data"
input_shape { dim: 1 dim: 3 dim: 9 dim: 9 }
layer { name: "r" type: "ReLU" bottom: "data" top: "r" }
"""


@pytest.fixture
def network():
    return cnncalc.parse(SPEC)


@pytest.fixture
def ways(network, tmp_path, monkeypatch):
    """Every way to give the sizes of an input, by its name."""
    from cnncalc.loading import load

    (tmp_path / "net.prototxt").write_text(CAFFE)

    def imported(given):
        return next(iter(load(tmp_path / "net.prototxt", given).inputs().values()))

    return {
        "input:": lambda text: cnncalc.parse(f"input: {text}\nlayers: [relu]\n").analyze().inputs["input"],
        "expect: at": lambda text: _at(text),
        "--input": lambda text: read_inputs([text]),
        "named --input": lambda text: read_inputs([f"image={text}"])["image"],
        "analyze": lambda text: network.analyze(text).inputs["input"],
        "analyze by name": lambda text: network.analyze({"input": text}).inputs["input"],
        "graph": lambda text: network.graph(text).inputs["input"],
        "inputs": lambda text: network.inputs(text)["input"],
        "import": lambda text: imported(read_inputs([text])),
        "load": imported,
    }


def _at(text):
    key = f"? {text}\n    : {{params: 0}}" if text.startswith("[") else f"{text}: {{params: 0}}"
    (found,) = cnncalc.parse(f"{SPEC}expect:\n  at:\n    {key}\n").document.expect
    return cnncalc.parse(SPEC).analyze(
        {name: [size.scalar.text if hasattr(size, "scalar") else size.value for size in shape]
         for name, shape in found.where.at.inputs.items()}
    ).inputs["input"]  # fmt: skip


WAYS = (
    "input:", "expect: at", "--input", "named --input", "analyze", "analyze by name", "graph", "inputs", "import",
    "load",
)  # fmt: skip


@pytest.mark.parametrize("text", SIZES)
@pytest.mark.parametrize("way", WAYS)
def test_sizes_by_every_way(ways, way, text):
    assert ways[way](text) == SIZES[text]


@pytest.mark.parametrize("text", LISTS | ROWS)
@pytest.mark.parametrize("way", [way for way in WAYS if way != "expect: at"])
def test_lists_of_sizes_by_every_way(ways, way, text):
    if way != "input:" or text in LISTS:
        assert ways[way](text) == (LISTS | ROWS)[text]


@pytest.mark.parametrize("given", [(3, 28, 28), ["3", "28", 28], (3, H, W), "3xHxW"])
def test_sizes_as_objects(network, given):
    assert network.analyze(given).inputs["input"] == read_shape(given, "input")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3x0x28", "'0' is not a valid size: write a whole number of at least 1, or a symbol: H"),
        ("3xhxw", "'h' is not a valid size: a symbol is a capital letter: H"),
        ("3x28x-1", "'-1' is not a valid size: leave out the batch size"),
        ("3X28X28", "'3X28X28' is not a valid size: did you mean '3x28x28'?"),
        ("3x28x28.5", "'28.5' is not a valid size"),
        ("3x28x", "'' is not a valid size"),
        (f"3x{'9' * 30}", "too large"),
        ("x".join("123456789"), "expected 1 to 8 sizes, channels first, as in 3x224x224 or 3xHxW"),
    ],
)
@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("input:", "expect: at")])
def test_wrong_sizes_by_every_way(ways, way, text, message):
    assert message in refusal(ways[way], text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("3xhxw", "a symbol is a capital letter: H"),
        ("3x28x-1", "leave out the batch size"),
        ("3x0x28", "channels first, as in 3x227x227"),
    ],
)
def test_wrong_sizes_in_a_spec(ways, text, hint):
    assert hint in refusal(ways["input:"], text)


def test_several_inputs_by_name():
    spec = cnncalc.parse("input: {image: 3x8x8, mask: 1x8x8}\nlayers:\n  - concat:\n    from: [image, mask]\n")
    both = {"image": (3, 9, 9), "mask": (1, 9, 9)}
    for given in (
        "image=3x9x9, mask=1x9x9",
        {"image": "3x9x9", "mask": (1, 9, 9)},
        read_inputs(["image=3x9x9", "mask=1x9x9"]),
    ):
        assert spec.inputs(given) == both
    assert spec.inputs("mask=1x8x8")["image"] == (3, 8, 8)
    for given, message in (
        ("3x9x9", r"several inputs \(image, mask\): specify which: image=3x224x224"),
        ("imge=3x9x9", "no input 'imge': did you mean 'image'?"),
        ("3x9x9, mask=1x9x9", "several inputs need names"),
    ):
        with pytest.raises(UsageError, match=message.replace("?", "[?]")):
            spec.inputs(given)


def test_from_torch_and_to_torch_take_text():
    torch = pytest.importorskip("torch")
    spec = cnncalc.from_torch(torch.nn.Conv2d(3, 4, 3), "3x8x8")
    assert spec.analyze("3x28x28").outputs["output"] == (4, 26, 26)
    assert spec.to_torch("3x28x28")(torch.zeros(1, 3, 28, 28)).shape == (1, 4, 26, 26)


def test_whole_numbers_of_an_axis_each():
    assert read_numbers("27x13", "--output") == read_numbers("27×13", "") == read_numbers("27,13", "") == (27, 13)
    assert read_numbers("0,0", "", 0) == (0, 0)
    with pytest.raises(UsageError, match="--output: expected sizes; got '27xN'"):
        read_numbers("27xN", "--output: expected sizes")


# --- types -----------------------------------------------------------------------------------------------------------

DTYPES = {
    "float16": ("fp16", "half", "FP16", "torch.float16"),
    "bfloat16": ("bf16", "BF16"),
    "float32": ("fp32", "float", "single"),
    "float64": ("fp64", "double"),
}
OF_BENCH = ("fp32", "tf32", "fp16", "bf16")


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in DTYPES for text in (name, *DTYPES[name])])
def test_a_type_by_all_of_its_names(name, text):
    graph = cnncalc.parse(SPEC).graph()
    assert read_dtype(text) == Memory(graph, dtype=text).dtype == name
    assert Memory(graph, dtype=text) == Memory(graph, dtype=name)
    assert cnncalc.parse(SPEC).analyze().memory(dtype=text).weights == Memory(graph, dtype=name).weights
    short = {"float16": "fp16", "bfloat16": "bf16", "float32": "fp32"}.get(name)
    assert dtype_among(text, OF_BENCH) == short


def test_tf32_is_a_way_to_multiply():
    assert dtype_among("tf32", OF_BENCH) == "tf32"
    with pytest.raises(UsageError, match="unknown dtype 'tf32': did you mean 'float32'"):
        read_dtype("tf32")


@pytest.mark.parametrize(("text", "meant"), [("flaot16", "float16"), ("fp-16", "fp16"), ("bflaot16", "bfloat16")])
def test_a_wrong_type(text, meant):
    with pytest.raises(UsageError, match=f"unknown dtype '{text}': did you mean '{meant}'?"):
        read_dtype(text)


def test_numbers_are_exact():
    assert read_amount("0.1k") == 100
    assert read_amount("0.0001") == Fraction(1, 10_000)
