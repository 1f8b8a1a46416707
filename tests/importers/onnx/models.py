"""Models made by hand, operator by operator."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from cnncalc.importers.onnx.trace import trace

FLOAT = TensorProto.FLOAT


def model(nodes, inputs, constants=None, outputs=("y",), opset=18, shapes=None):
    """A model: `inputs` by name with their dimensions (text: a symbol), `constants` by name as arrays."""
    made = [helper.make_node(*node[:3], **(node[3] if len(node) > 3 else {})) for node in nodes]
    graph = helper.make_graph(
        made,
        "made",
        [helper.make_tensor_value_info(name, FLOAT, dims) for name, dims in inputs.items()],
        [helper.make_tensor_value_info(name, FLOAT, (shapes or {}).get(name)) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in (constants or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


def traced(*args, **options):
    """What the reader makes of such a model."""
    return trace(model(*args, **options))


def kinds(network):
    return [node.kind for node in network.nodes]


def weights(*shape):
    return np.zeros(shape, dtype=np.float32)
