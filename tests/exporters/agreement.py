"""An exported file against the network that `pytorch` builds of the same graph."""

import subprocess
import sys
import warnings
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import torch

from cnncalc.exporters import to_source
from cnncalc.pytorch import build

LIMIT = 50_000_000  # parameters of a network that is run with real tensors


def module_of(text, device="cpu"):
    """The network that a source defines, made in a namespace that holds nothing of ours."""
    space = {"__name__": "exported"}
    exec(compile(text, "exported.py", "exec", dont_inherit=True), space)
    classes = [value for value in space.values() if isinstance(value, type) and value.__module__ == "exported"]
    with torch.device(device):
        return classes[-1]()


def weights(module):
    return [(name, tuple(tensor.shape), tensor.dtype) for name, tensor in module.state_dict().items()]


def trained(module):
    return [(name, parameter.requires_grad) for name, parameter in module.named_parameters()]


def inputs_of(graph, device="cpu", batch=2):
    generator = torch.Generator().manual_seed(1)
    shapes = [(batch, *shape) for shape in graph.inputs.values()]
    if device == "meta":
        return [torch.empty(shape, device="meta") for shape in shapes]
    return [torch.randn(shape, generator=generator) for shape in shapes]


@contextmanager
def certain_dropout():
    """Dropout without chance (which falls on memory in its order): in training, less by half the probability."""

    def dropout(x, p=0.5, training=True, inplace=False):
        factor = 1 - p / 2 if training else 1
        return x.mul_(factor) if inplace else x * factor

    with ExitStack() as stack:
        for name in ("dropout", "dropout1d", "dropout2d", "dropout3d"):
            stack.enter_context(patch.object(torch.nn.functional, name, dropout))
        yield


def run(module, inputs):
    with warnings.catch_warnings(), torch.no_grad(), certain_dropout():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)  # for the dropout between the layers of a recurrent layer
        found = module(*[tensor.clone() for tensor in inputs])
    return found if isinstance(found, dict) else {"": found}


def run_both(theirs, ours, training, inputs):
    """What leaves both; nothing where PyTorch refuses to train ours (instance normalization of one pixel)."""
    try:
        wanted = run(ours.train(training), inputs)
    except ValueError:
        if not training:
            raise
        return {}, {}
    return run(theirs.train(training), inputs), wanted


def check_weights(graph, text):
    """Names, shapes and order of the weights; both networks, with nothing allocated."""
    ours, theirs = build(graph, device="meta"), module_of(text, "meta")
    assert weights(theirs) == weights(ours)
    assert trained(theirs) == trained(ours)
    return ours, theirs


def check_shapes(graph, text):
    """The weights, and the shapes of the outputs, with nothing allocated."""
    ours, theirs = check_weights(graph, text)
    inputs = inputs_of(graph, "meta")
    for training in (False, True):
        found, wanted = run_both(theirs, ours, training, inputs)
        assert {name: t.shape for name, t in found.items()} == {name: t.shape for name, t in wanted.items()}


def check_numbers(graph, text, training=True):
    """The same outputs of the same weights, in evaluation and in training, and the same running statistics.

    A layer that no output depends on is not run by the exported file: then what training leaves differs, and so does
    what such a layer writes in the memory of its input. Training heads run last there, which matters to the same.
    """
    training = training and not idle(graph) and not (head_between(graph) and overwritten(graph.nodes))
    if overwritten(idle(graph)):
        return
    ours, theirs = build(graph), module_of(text)
    with torch.no_grad():
        for tensor in ours.parameters():
            tensor.uniform_(-0.5, 0.5)
    theirs.load_state_dict(ours.state_dict())
    inputs = inputs_of(graph)
    for mode in (False, True)[: 1 + training]:
        found, wanted = run_both(theirs, ours, mode, inputs)
        if not wanted:
            return
        assert found.keys() == wanted.keys()
        for name, tensor in wanted.items():
            torch.testing.assert_close(found[name], tensor, equal_nan=True)
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(theirs.state_dict()[name], tensor, equal_nan=True)


def idle(graph):
    """The nodes that no output depends on."""
    heads = {node.name.split(".")[0]: node.name for node in graph.nodes if node.training}
    needed = {*graph.outputs.values(), *heads.values()}
    found = []
    for node in reversed(graph.nodes):
        if node.name in needed:
            needed.update(node.inputs)
        else:
            found.append(node)
    return found


def overwritten(nodes):
    """Whether one of the nodes writes in the memory of its input."""
    return any(getattr(node.layer, "inplace", False) for node in nodes)


def head_between(graph):
    """Whether a training head stands before something else."""
    order = [node.training for node in graph.nodes]
    return order != sorted(order)


def formatted(files):
    """What `ruff format` would change in files, at its own line length."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", *map(str, files)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout


__all__ = ["check_numbers", "check_shapes", "check_weights", "formatted", "module_of", "to_source"]
