from cnncalc import load, parse
from cnncalc.prediction.fusing import compiled_kernels
from cnncalc.prediction.kernels import eager_kernels

RESIDUAL = """
input: 8x16x16
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
  - batchnorm
  - relu
  - residual:
      body:
        - conv: {out_channels: 8, kernel_size: 3, padding: 1}
        - batchnorm
      shortcut: []
  - relu
"""


def test_elementwise_layers_between_convolutions_become_one_kernel():
    kernels = compiled_kernels(parse(RESIDUAL).analyze().graph, "fp32")
    assert [(kernel.name, kernel.group) for kernel in kernels] == [
        ("conv1", "dense"),
        ("relu1", "elementwise"),
        ("conv2", "dense"),
        ("relu2", "elementwise"),
    ]
    size = 4 * 8 * 256
    first, last = kernels[1], kernels[3]
    assert first.moved == 2 * size  # reads the convolution, writes the map that both paths read
    assert last.moved == 3 * size  # reads both paths, writes the output; what lies between is never written


def test_a_group_never_waits_for_a_convolution_that_waits_for_it():
    """The addition reads relu1 directly, yet runs after the convolution between them: two kernels, not one."""
    names = [kernel.name for kernel in compiled_kernels(parse(RESIDUAL).analyze().graph, "fp32")]
    assert names.index("relu1") < names.index("conv2") < names.index("relu2")


def test_fusing_keeps_the_multiplications_and_moves_no_more():
    for name in ("resnet@50", "mobilenet_v2", "densenet", "vgg@16"):
        graph = load(name).analyze().graph
        eager, fused = eager_kernels(graph, "amp"), compiled_kernels(graph, "amp")
        assert sum(kernel.macs for kernel in eager) == sum(kernel.macs for kernel in fused)
        assert sum(kernel.weights for kernel in eager) == sum(kernel.weights for kernel in fused)
        assert sum(kernel.moved for kernel in fused) < sum(kernel.moved for kernel in eager)
        assert len(fused) < len(eager)
