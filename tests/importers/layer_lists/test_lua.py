"""Statements of Lua: which network a script makes, and what is refused, since nothing is run."""

import pytest

from cnncalc.errors import Source, SpecError
from cnncalc.importers.layer_lists.lua import read_modules

RELU = "net = nn.Sequential()\nnet:add(nn.ReLU())\n"


def names(text: str) -> list[str]:
    return [child.name for child in read_modules(Source("net.lua", text)).children]


@pytest.mark.parametrize(
    "text",
    [
        RELU,
        RELU + "return net",
        RELU + "print(net)\ncudnn.benchmark = true\nlocal c = nn.ClassNLLCriterion()\nreturn net",
        "require 'nn'; require('cunn')\nlocal opt = {a = {1, 2}, b = 'x'}\n" + RELU + "net:cuda()\nnet:type(opt.type)",
        "local net, x = nn.Sequential(), opt.x or 3\nnet:add(nn.ReLU(x == 3 and not y))",
        "do local net = nn.Sequential() net:add(nn.ReLU()) end",
        "local function make(n, ...) local net = nn.Sequential():add(nn.ReLU(true)) return net end",
        "nn.ReLU()",
        "x = a[1].b[2](3){4}'5'\nnn.ReLU()",
    ],
)
def test_one_network_is_found(text):
    assert names(text) == ["ReLU"]


def test_what_is_returned_is_read():
    text = f"{RELU}other = nn.Sequential():add(nn.Tanh()):add(nn.ReLU())\nreturn other"
    assert names(text) == ["Tanh", "ReLU"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "no modules"),
        ("", "no modules"),
        (RELU + "other = nn.Sequential():add(nn.Tanh())", "2 networks that are not joined, made on line 1, line 3"),
        ("for i = 1, 3 do net:add(nn.ReLU()) end", "'for' is not read"),
        ("if x then y = 1 end", "'if' is not read"),
        ("function f() end function g() end", "a second function is not read"),
        ("function f(n) return nn.ReLU() end\nf(1)", "the call of 'f' is not read"),
        ("function f(", "never closed"),
        ("net:add(x)", "no modules"),
        ("net = nn.Sequential()\nnet:add(x)", "what is added is not a module"),
        ("net = nn.Sequential()\nnet:add()", "what is added is not a module"),
        (RELU + "net:remove(1)", "the method 'remove' is not read"),
        ("x = {1", "'{' is never closed"),
        ("x = ", "expected a value, got the end of the file"),
        ("x = )", "expected a value, got '[)]'"),
        ("nn.ReLU(1 2)", "expected ',', got '2'"),
        ("local 1 = 2", "expected a name, got '1'"),
    ],
)
def test_faults(text, message):
    with pytest.raises(SpecError, match=message):
        read_modules(Source("net.lua", text))
