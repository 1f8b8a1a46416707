"""Two modules held to be one network: parameters and buffers in the order of use, and the same output."""

from collections import Counter, defaultdict

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree

from cnncalc.pytorch.verification.user_network import tensors_of


class Use(TorchFunctionMode):
    """Notes in `order` when a network's parameters and buffers are first used: their layers and names there."""

    def __init__(self, network):
        super().__init__()
        self.order = []
        self.owners = {
            id(tensor): (layer, name)
            for layer in network.modules()
            for name, tensor in [*layer._parameters.items(), *layer._buffers.items()]
            if tensor is not None
        }

    def __torch_function__(self, func, types, args=(), kwargs=None):
        for each in _pytree.tree_leaves((args, kwargs or {})):
            owner = self.owners.pop(id(each), None)
            if owner is not None:
                self.order.append(owner)
        if func is functional.batch_norm and args[0].is_meta:
            return torch.empty_like(args[0])  # what it is, without the many steps that PyTorch takes there
        return func(*args, **(kwargs or {}))


def in_order_of_use(network, graph):
    (shape,) = graph.inputs.values()
    with torch.no_grad(), Use(network) as use:
        network(torch.empty(2, *shape, device="meta"))
    return use.order


def tensor(owner):
    layer, name = owner
    found = layer._parameters.get(name)
    return layer._buffers[name] if found is None else found


def plain(shape):
    """A factor per channel is [C] here, and [C, 1, 1] as torchvision's ConvNeXt has it."""
    return (shape[0],) if len(shape) == 3 and shape[1:] == (1, 1) else tuple(shape)


def shapes(order):
    return [plain(tensor(owner).shape) for owner in order]


def everything(network):
    """Shapes of all parameters, names and shapes of all buffers, training heads among them."""
    buffers = ((name.rpartition(".")[2], tuple(b.shape)) for name, b in network.named_buffers())
    return Counter(plain(p.shape) for p in network.parameters()), Counter(buffers)


def with_values(network, seed=0):
    """The network with numbers that let a signal through, and statistics whose place matters; in double precision."""
    generator = torch.Generator().manual_seed(seed)
    network = network.double().to_empty(device="cpu")
    with torch.no_grad():
        for name, each in [*network.named_parameters(), *network.named_buffers()]:
            fan_in = each[0].numel() if each.dim() > 1 else 1
            if name.endswith("num_batches_tracked"):
                each.zero_()
            elif fan_in > 1:
                each.uniform_(-1, 1, generator=generator).mul_((3 / fan_in) ** 0.5)
            elif name.endswith(("bias", "mean")):
                each.uniform_(-0.2, 0.2, generator=generator)
            else:
                each.uniform_(0.5, 1.5, generator=generator)
    return network


def holders(network):
    """Where each tensor is held: in several layers, where they share it."""
    found = defaultdict(list)
    for layer in network.modules():
        for values in (layer._parameters, layer._buffers):
            for name, each in values.items():
                found[id(each)].append((values, name))
    return found


def assert_same_output(ours, other, places, sources, shape):
    """Both without values before; `places` of ours take what `sources` of the other have."""
    with_values(other)
    held = holders(ours)
    for place, source in zip(places, sources, strict=True):
        for values, name in held[id(tensor(place))]:
            values[name] = tensor(source).reshape(values[name].shape)
    x = torch.randn(2, *shape, dtype=torch.double, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        results, expected = list(tensors_of(ours(x))), list(tensors_of(other(x)))
    for result, wanted in zip(results, expected, strict=True):
        assert wanted.std() > 1e-6
        torch.testing.assert_close(result, wanted, rtol=1e-9, atol=1e-9 * float(wanted.abs().max()))
