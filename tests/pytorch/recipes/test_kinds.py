"""The table of recipes as a whole: every kind of layer has one, and it needs no PyTorch."""

import subprocess
import sys

import pytest

from cnncalc.errors import LayerError
from cnncalc.graph import Node
from cnncalc.layers import LAYERS
from cnncalc.pytorch.recipes import RECIPES
from cnncalc.pytorch.recipes.code import Code, flat, tensor_names

from ...layers.configurations import CONFIGURATIONS, Draw


def require(holds, why):
    if not holds:
        raise why()


def test_every_kind_has_a_recipe():
    assert RECIPES.keys() == LAYERS.keys()


def test_recipes_need_no_pytorch():
    code = "import sys, cnncalc.exporters, cnncalc.pytorch.recipes; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize("kind", sorted(RECIPES.keys() - {"unknown"}))  # whose placeholder has no code of its own
def test_its_code_is_python_and_reads_all_that_enters(kind):
    seen = 0
    for index in range(60):
        config = CONFIGURATIONS[kind](Draw(f"recipe {kind} {index}"))
        try:
            layer = LAYERS[kind].make(config.arguments, config.rank)
            output = layer.output(config.shapes, require)
        except LayerError:
            continue
        recipe = RECIPES[kind](Node("layer", layer, (), tuple(config.shapes), output, {}, {}))
        names = tensor_names(len(config.shapes))
        code = flat(Code("self", names).doc(recipe.run))
        assert set(names) <= set(compile(code, kind, "eval").co_names)
        assert recipe.module is not None or not recipe.registered
        seen += 1
    assert seen
