"""Networks of Torch7, layer by layer and as a whole; the containers that join, and weights that are shared."""

import pytest

import cnncalc
from cnncalc.errors import Source, SpecError
from cnncalc.importers.layer_lists.torch7 import read_lua, trace

ALEXNET = """-- the AlexNet of one weird trick
require 'nn'
local SpatialConvolution = nn.SpatialConvolution
local SpatialMaxPooling = nn.SpatialMaxPooling

function createModel(nGPU)
   local features = nn.Sequential()
   features:add(SpatialConvolution(3,64,11,11,4,4,2,2))       -- 224 -> 55
   features:add(nn.ReLU(true))
   features:add(SpatialMaxPooling(3,3,2,2))                   -- 55 ->  27
   features:add(SpatialConvolution(64,192,5,5,1,1,2,2)):add(nn.ReLU(true)):add(SpatialMaxPooling(3,3,2,2))
   features:add(SpatialConvolution(192,384,3,3,1,1,1,1)):add(nn.ReLU(true))
   features:add(SpatialConvolution(384,256,3,3,1,1,1,1)):add(nn.ReLU(true))
   features:add(SpatialConvolution(256,256,3,3,1,1,1,1)):add(nn.ReLU(true))
   features:add(SpatialMaxPooling(3,3,2,2))
   local classifier = nn.Sequential()
   classifier:add(nn.View(256*6*6))
   classifier:add(nn.Dropout(0.5)):add(nn.Linear(256*6*6, 4096)):add(nn.Threshold(0, 1e-6))
   classifier:add(nn.Dropout(0.5)):add(nn.Linear(4096, 4096)):add(nn.Threshold(0, 1e-6))
   classifier:add(nn.Linear(4096, 1000)):add(nn.LogSoftMax())
   features:cuda()
   local model = nn.Sequential():add(features):add(classifier)
   model.imageSize = 256
   return model
end
"""


def read(*lines: str, size: tuple[int, ...] = (3, 9, 12)):
    return trace(Source("net.lua", "\n".join(("net = nn.Sequential()", *lines, "return net"))), size)


def test_alexnet(tmp_path):
    path = tmp_path / "alexnet.lua"
    path.write_text(ALEXNET)
    found = cnncalc.load(path, input=(3, 224, 224)).analyze()
    assert found.params == 61_100_840  # as torchvision has it
    assert found["conv5"].output == (256, 13, 13)
    assert found.outputs == {"output": (1000,)}


def test_the_lines_of_a_slide(tmp_path):
    path = tmp_path / "slide.lua"
    path.write_text("nn.SpatialConvolution(3, 96, 11, 11, 4, 4)\nnn.ReLU()\nnn.SpatialMaxPooling(3, 3, 2, 2)\n")
    assert [node.output for node in read_lua(path, (3, 227, 227)).nodes] == [(96, 55, 55), (96, 55, 55), (96, 27, 27)]


def test_concat_and_tables():
    lines = (
        "c = nn.Concat(2)",
        "c:add(nn.SpatialConvolution(3, 4, 1, 1))",
        "c:add(nn.Sequential():add(nn.SpatialConvolution(3, 5, 3, 3, 1, 1, 1, 1)):add(nn.ReLU()))",
        "net:add(c)",
        "net:add(nn.ConcatTable():add(nn.SpatialConvolution(9, 9, 3, 3, 1, 1, 1, 1)):add(nn.Identity()))",
        "net:add(nn.CAddTable(true)):add(nn.ReLU(true))",
        "net:add(nn.ConcatTable():add(nn.Identity()):add(nn.Tanh())):add(nn.ParallelTable():add(nn.ReLU()):add(nn.ReLU()))",
        "net:add(nn.JoinTable(1, 3))",
    )
    found = read(*lines)
    assert [node.kind for node in found.nodes] == [
        *("conv", "conv", "relu", "concat", "conv", "add", "relu", "tanh", "relu", "relu", "concat"),
    ]
    assert found.nodes[-1].output == (18, 9, 12)
    assert found.nodes[5].inputs == ("conv5", "concat4")


def test_a_module_added_twice_shares_its_weights():
    found = read("u = nn.SpatialConvolution(3, 3, 3, 3, 1, 1, 1, 1)", "net:add(u):add(nn.ReLU()):add(u):add(u:clone())")
    assert [node.shares for node in found.nodes] == [None, None, "conv1", None]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["net:add(nn.SpatialConvolution(4, 8, 3, 3))"], "it reads 4 channels, but 3 flow in"),
        (["net:add(nn.View(100))"], "it reads 100 values, but 324 flow in"),
        (["net:add(nn.View(-1)):add(nn.Linear(100, 10))"], "it reads 100 features, but 324 flow in"),
        (["net:add(nn.SpatialConvolutoin(3, 8, 3, 3))"], "unknown module nn.SpatialConvolutoin"),
        (["net:add(nn.CAddTable())"], "needs a table"),
        (["net:add(nn.ConcatTable():add(nn.ReLU())):add(nn.ReLU())"], "needs one tensor, but a table flows in"),
        (["net:add(nn.ConcatTable():add(nn.ReLU()))"], "ends with a table"),
        (["net:add(nn.Concat(3):add(nn.ReLU()):add(nn.ReLU()))"], "only channels are joined"),
        (["net:add(nn.Concat(2))"], "needs modules"),
        (["net:add(nn.ParallelTable():add(nn.ReLU()))"], "one tensor for each"),
        (["net:add(net)"], "nested more than 32 deep"),
        ([], "has no layers"),
    ],
)
def test_faults_have_a_place(lines, message):
    with pytest.raises(SpecError, match=message) as raised:
        read(*lines)
    assert str(raised.value).startswith("net.lua:")


def test_the_input_must_be_given():
    with pytest.raises(SpecError, match="the size of the input is not known"):
        trace(Source("net.lua", "nn.ReLU()"))


@pytest.mark.parametrize("again", ["a{0}", "a{0}:clone()"])
def test_containers_in_containers_are_counted(again):
    lines = [f"a{n + 1} = nn.Sequential():add({again.format(n)}):add({again.format(n)})" for n in range(30)]
    with pytest.raises(SpecError, match="more than 10,000"):
        read("a0 = nn.Sequential()", *lines, "net:add(a30)")
