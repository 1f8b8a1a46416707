"""The table, the folder and the docs of the fields, held together; and what every descriptor is as an object."""

import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys

import pytest
from torch import nn

from cnncalc import layers
from cnncalc.errors import LayerError
from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Choice, Count, Flag, Number
from cnncalc.layers.further import FurtherOutput
from cnncalc.layers.indices import Dimension, Dimensions
from cnncalc.layers.layer import MISSING, Layer

KINDS = """
parameter constant sum max var std cumsum glu embedding rmsnorm grn drop_path
conv conv_transpose locally_connected maxpool avgpool lppool adaptive_avgpool adaptive_maxpool global_avgpool
global_maxpool subsample linear flatten reshape permute pad crop slice upsample pixel_shuffle pixel_unshuffle
channel_shuffle add subtract multiply divide concat matmul mean identity dropout softmax log_softmax relu relu6
leaky_relu prelu elu selu celu gelu silu mish sigmoid tanh abs hardswish hardsigmoid hardtanh softplus batchnorm
layernorm groupnorm instancenorm lrn l2norm scale capsule rbf
unknown rescale grid_sample deform_conv roi_align nms
std_conv lstm gru rnn roll take unfold fold blurpool attention
"""

FIELDS = [(kind, name, accepts) for kind, layer in LAYERS.items() for name, accepts in layer.accepted().items()]


def descendants(cls):
    return {cls, *(each for child in cls.__subclasses__() for each in descendants(child))}


def test_has_every_layer_of_the_design():
    assert LAYERS.keys() == set(KINDS.split()), "KINDS in this file lists every layer: see docs/extending.md"


def test_folder_and_table_agree():
    for module in pkgutil.iter_modules(layers.__path__):
        importlib.import_module(f"cnncalc.layers.{module.name}")
    described = {cls for cls in descendants(Layer) if "kind" in cls.__dict__ and cls.__module__.startswith("cnncalc.")}
    assert described == {*LAYERS.values(), FurtherOutput}  # which no spec writes


def test_a_kind_twice_is_refused():
    with pytest.raises(ValueError, match="duplicate layers: relu"):
        layers.Table(("activation", "relu"), ("convolution", "conv"), ("activation", "relu"))


def test_a_family_is_loaded_with_its_first_layer():
    code = (
        "import sys\nfrom cnncalc.layers import LAYERS\nname = 'cnncalc.layers.resizing'\n"
        "before = name in sys.modules or len(LAYERS) < 50 or 'pad' not in LAYERS\n"
        "print(before, LAYERS['pad'].kind, name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "pad", "True"]


@pytest.mark.parametrize("kind", LAYERS)
def test_first_line_says_what_it_is(kind):
    assert "__doc__" in LAYERS[kind].__dict__
    first = LAYERS[kind].__doc__.splitlines()[0]
    assert first.endswith((".", ")"))
    assert len(first) <= 100


@pytest.mark.parametrize(("kind", "name", "accepts"), FIELDS)
def test_every_field_says_what_it_is(kind, name, accepts):
    assert 10 <= len(accepts.doc) <= 100
    assert not accepts.doc.endswith(".")
    if isinstance(accepts, Dimension | Dimensions):
        assert "channels are 1" in accepts.doc or "-1 is the last" in accepts.doc


@pytest.mark.parametrize(("kind", "name", "accepts"), FIELDS)
def test_every_default_is_accepted_and_has_its_place(kind, name, accepts):
    default = LAYERS[kind].arguments[name].default
    if default is not MISSING and default is not None:
        accepts.convert(default, 2)
    assert (name in LAYERS[kind].required()) == (default is MISSING)


@pytest.mark.parametrize("kind", LAYERS)
def test_the_natural_argument_is_a_field(kind):
    natural, required = LAYERS[kind].natural, LAYERS[kind].required()
    assert natural is None or natural in LAYERS[kind].accepted()
    assert natural is None or set(required) <= {natural}, "a bare argument would never do"


@pytest.mark.parametrize("kind", LAYERS)
def test_no_field_hides_a_method(kind):
    assert not LAYERS[kind].accepted().keys() & vars(Layer).keys()


@pytest.mark.parametrize(("kind", "name", "accepts"), FIELDS)
def test_schema_is_of_json(kind, name, accepts):
    schema = accepts.schema()
    assert isinstance(schema, dict)
    assert schema.keys() <= {"anyOf", "type"}
    texts = [one for one in schema.get("anyOf", [schema]) if "string" in one.get("type", ())]
    assert texts, "an expression may stand in every field"
    for word in accepts.words:
        assert any(word in one.get("enum", ()) for one in schema["anyOf"])


def made(kind="conv", **changed):
    return LAYERS[kind].make({"out_channels": 8, "kernel_size": 3, **changed}, 2)


def test_descriptors_are_values():
    assert made() == made(stride=1)
    assert hash(made()) == hash(made(stride=1))
    assert made() != made(stride=2)
    assert made() != made("locally_connected")
    assert pickle.loads(pickle.dumps(made())) == made()
    assert type(made())(**vars(made())) == made()
    assert repr(made("locally_connected")) == (
        "LocallyConnected(out_channels=8, kernel_size=(3, 3), stride=(1, 1), padding=((0, 0), (0, 0)), "
        "dilation=(1, 1), bias=True)"
    )


def test_descriptors_are_frozen():
    with pytest.raises(AttributeError, match="Conv is frozen: cannot set stride"):
        made().stride = (2, 2)
    with pytest.raises(AttributeError, match="Conv is frozen: cannot delete stride"):
        del made().stride


def test_a_descriptor_is_made_whole():
    with pytest.raises(TypeError, match="Relu takes inplace; got slope"):
        LAYERS["relu"](slope=1)
    with pytest.raises(LayerError, match="conv needs out_channels and kernel_size"):
        LAYERS["conv"].make({}, 2)
    with pytest.raises(LayerError, match="unknown field 'pading' of conv"):
        made(pading=1)


def test_defaults_are_those_of_pytorch():
    for kind, module in PYTORCH.items():
        theirs = {p.name: p.default for p in inspect.signature(getattr(nn, module)).parameters.values()}
        for name, argument in LAYERS[kind].arguments.items():
            if isinstance(argument.accepts, Count | Number | Flag | Choice) and theirs.get(name) is not None:
                known = None if theirs[name] is inspect.Parameter.empty else theirs[name]
                ours = None if argument.default is MISSING else argument.default
                assert ours == known or float(ours) == known, (kind, name)


PYTORCH = {
    "conv": "Conv2d",
    "conv_transpose": "ConvTranspose2d",
    "maxpool": "MaxPool2d",
    "avgpool": "AvgPool2d",
    "lppool": "LPPool2d",
    "linear": "Linear",
    "flatten": "Flatten",
    "upsample": "Upsample",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "prelu": "PReLU",
    "elu": "ELU",
    "celu": "CELU",
    "gelu": "GELU",
    "hardtanh": "Hardtanh",
    "softplus": "Softplus",
    "batchnorm": "BatchNorm2d",
    "layernorm": "LayerNorm",
    "groupnorm": "GroupNorm",
    "instancenorm": "InstanceNorm2d",
    "lrn": "LocalResponseNorm",
    "dropout": "Dropout",
}


def test_import_is_light():
    heavy = ("torch", "numpy", "sympy", "onnx", "rich", "typer")
    program = f"import sys, cnncalc.layers; print(*sorted(set({heavy}) & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
