"""An import ends in a document: no text is read on the way, and it is right where somebody asks for it."""

import pytest

import cnncalc
from cnncalc.errors import Source, UsageError
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.spec_text import spec_document
from cnncalc.source import reading
from cnncalc.spec import Spec

from ..from_graph import traced


@pytest.fixture
def texts(monkeypatch) -> list[str]:
    """The texts that YAML has read, as they come."""
    found: list[str] = []
    events = reading.events
    monkeypatch.setattr(reading, "events", lambda text: found.append(text) or events(text))
    return found


@pytest.mark.parametrize("flat", [True, False])
def test_nothing_is_read_again(texts, flat):
    network = traced(cnncalc.load("resnet@18").graph())
    texts.clear()
    report = Spec(spec_document(network, flat)).analyze()
    assert report.params == 11_689_512
    assert texts == []


def test_the_text_says_the_same():
    graph = cnncalc.load("googlenet").graph()
    spec = Spec(spec_document(traced(graph), flat=False))
    again = cnncalc.parse(spec.text, spec.name)
    assert again.analyze().to_dict() == spec.analyze().to_dict()
    assert [node.span[1:] for node in again.graph().nodes] == [node.span[1:] for node in spec.graph().nodes]


def test_faults_point_into_the_text():
    spec = Spec(spec_document(traced(cnncalc.load("lenet5").graph()), name="net.onnx"))
    with pytest.raises(cnncalc.SpecError) as error:
        spec.graph(input=(1, 4, 4))
    (fault,) = error.value.faults
    assert str(fault).startswith("net.onnx:")
    assert fault.span.source.line(fault.span.line) == spec.text.splitlines()[fault.span.line - 1]
    with pytest.raises(cnncalc.SpecError) as again:
        cnncalc.parse(spec.text, "net.onnx").graph(input=(1, 4, 4))
    assert str(again.value) == str(error.value)


def test_what_makes_no_spec_is_named_with_its_place():
    node = TracedNode("relu", "relu", {}, ("x",), (3, 8, 8))
    with pytest.raises(
        UsageError, match=r"net cannot be imported: .*\nnet as imported:2:12: input: the number is too large"
    ):
        spec_document(Traced("net", {"x": (3, 8, 2**64)}, (node,), {"output": "relu"}))


def test_it_can_be_sent_to_another_process():
    import pickle

    source = spec_document(traced(cnncalc.load("lenet5").graph())).source
    again = pickle.loads(pickle.dumps(source))
    assert (type(again), again.name, again.text) == (Source, source.name, source.text)
    assert source.line(1) == source.text.splitlines()[0]
    assert source.line(10_000) == ""
