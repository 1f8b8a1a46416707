import re

import pytest

import cnncalc

from ..marked import findings

RULE = "input-off-fit"


NETS = {
    "alexnet": """layers:
  - conv: {out_channels: 2, kernel_size: 11, stride: 4}
  - maxpool: {kernel_size: 3, stride: 2}
""",
    "pools": """layers:
  - conv: {out_channels: 2, kernel_size: 5}
  - maxpool: 2
  - conv: {out_channels: 2, kernel_size: 3}
  - maxpool: 3
""",
    "padded": """layers:
  - conv: {out_channels: 2, kernel_size: 3, stride: 2, padding: 1}
  - maxpool: {kernel_size: 2, stride: 3}
""",
}


def fits(net, size):
    try:
        return all(layer.fit.fits for layer in cnncalc.parse(f"input: 1x{size}x{size}\n{net}").analyze().layers)
    except cnncalc.CnncalcError:
        return False


@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_the_inputs_named_are_the_nearest_that_fit(net):
    """Held against every size around, tried one by one."""
    said = 0
    fitting = [size for size in range(1, 100) if fits(net, size)]
    for size in range(40, 75):
        found = findings(RULE, f"input: 1x{size}x{size}\n{net}")
        if not found:
            continue
        said += 1
        named = [int(number) for number in re.findall(r"1x(\d+)x\1", found[0].fix.words)]
        nearest = [max((n for n in fitting if n < size), default=None), min(n for n in fitting if n > size)]
        assert named == [each for each in nearest if each is not None]
        assert len(found[0].nodes) >= 1
    assert said >= 10
