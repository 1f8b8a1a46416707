"""What attention computes: random configurations against every query beside every key, and PyTorch's own modules."""

import torch

from cnncalc.errors import LayerError
from cnncalc.graph import Node
from cnncalc.layers import LAYERS
from cnncalc.pytorch.builder import build_layer

from ...examples import examples
from ...layers.attention_oracle import Dense
from ...layers.configurations import CONFIGURATIONS, Draw
from ...layers.test_pytorch import require

COUNT = examples(300)


def node_of(arguments, shapes):
    layer = LAYERS["attention"].make(arguments, len(shapes[0]) - 1)
    output = layer.output(shapes, require)
    return Node("x", layer, (), tuple(shapes), output, layer.weights(shapes, output), layer.buffers(shapes, output))


def test_random_configurations_compute_what_the_fields_say():
    torch.manual_seed(0)
    seen = 0
    for index in range(COUNT):
        config = CONFIGURATIONS["attention"](Draw(f"values {index}"))
        try:
            node = node_of(config.arguments, config.shapes)
        except LayerError:
            continue
        module = build_layer(node, dtype=torch.float64).eval()
        dense = Dense(config.arguments, config.shapes).double()
        assert [n for n, _ in module.named_parameters()] == list(node.weights)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(torch.randn_like(parameter))
        dense.load_state_dict(module.state_dict())
        inputs = [torch.randn(2, *shape, dtype=torch.float64) for shape in config.shapes]
        torch.testing.assert_close(module(*inputs), dense(*inputs), msg=lambda m, c=config: f"{c}\n{m}")
        seen += 1
    assert seen > COUNT // 2
