"""Rules about what is read, asked of PyTorch: gradients say which pixels, taps and positions have any influence."""

import pytest
import torch

import cnncalc
from cnncalc.checks.rule import Subject
from cnncalc.layers.activation import Elementwise

from .marked import findings, rule, specs

SAMPLES = 8


@pytest.fixture(autouse=True)
def one_thread():
    """Networks so small are slower on many."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def concrete(name):
    """The fixtures of a rule without symbols."""
    return [pytest.param(path, id=path.stem) for path in specs(name) if "symbols" not in path.stem]


class Experiment:
    """A network run once on random input, with the output of every layer kept."""

    def __init__(self, path):
        torch.manual_seed(0)
        self.spec = cnncalc.load(path)
        self.graph = self.spec.graph()
        self.network = self.spec.to_torch().double().eval()
        self.kept = {}
        for name, module in self.network.named_modules():
            if getattr(module, "running_mean", None) is not None:
                torch.nn.init.normal_(module.running_mean)
            module.register_forward_hook(lambda module, args, out, name=name: self._keep(name, out))
        ((name, shape),) = self.graph.inputs.items()
        self.kept[name] = self.input = torch.randn(SAMPLES, *shape).double().requires_grad_()
        out = self.network(self.input)
        self.outputs = list(out.values()) if isinstance(out, dict) else list(out) if isinstance(out, tuple) else [out]

    def _keep(self, name, out):
        if isinstance(out, torch.Tensor) and out.requires_grad:
            out.retain_grad()
            self.kept.setdefault(name, out)

    def says(self, name):
        subject = Subject(self.spec.document, None, self.spec.analyze())
        return {found.nodes[0] for found in rule(name).findings(subject)}

    def squares(self):
        return sum((out * torch.randn_like(out)).sum() for out in self.outputs)


def read_rows(gradient):
    """Which pixels have any influence: of any sample, through any channel."""
    return (gradient.abs().sum(dim=(0, 1)) > 1e-12).double()


# The two diagonals leave half of the pixels out; of paths that are shifted against each other nothing is said.
@pytest.mark.parametrize("path", [each for each in concrete("stride-skips-pixels") if "diagonal" not in each.id])
def test_pixels_are_skipped_where_gradients_vanish(path):
    ran = Experiment(path)
    ran.squares().backward()
    pointwise = {node.name for node in ran.graph.nodes if isinstance(node.layer, Elementwise)}
    unread = {
        name: 1 - read_rows(tensor.grad).mean().item()
        for name, tensor in ran.kept.items()
        if (name in ran.graph.inputs or name in {node.name for node in ran.graph.nodes} - pointwise)
        and tensor.dim() > 2
        and tensor.grad is not None
    }
    assert bool(ran.says("stride-skips-pixels")) == any(share >= 0.25 for share in unread.values()), unread


@pytest.mark.parametrize("path", concrete("kernel-on-one-pixel"))
def test_taps_that_meet_no_pixel_have_no_gradient(path):
    ran = Experiment(path)
    ran.squares().backward()
    alone = set()
    for node in ran.graph.nodes:
        if "weight" in node.weights and node.kind == "conv":
            gradient = ran.network.get_parameter(f"{node.name}.weight").grad.abs().sum(dim=(0, 1)) > 1e-12
            alive = [
                gradient.any(dim=tuple(a for a in range(gradient.dim()) if a != axis)).sum()
                for axis in range(gradient.dim())
            ]
            if any(int(count) == 1 < size for count, size in zip(alive, gradient.shape, strict=True)):
                alone.add(node.name)
    assert ran.says("kernel-on-one-pixel") <= alone
    assert bool(ran.says("kernel-on-one-pixel")) == bool(alone)


@pytest.mark.parametrize("path", [each for each in concrete("padding-exceeds-kernel") if "repeats" not in each.id])
def test_windows_in_padding_read_no_pixel(path):
    ran = Experiment(path)
    (out,) = ran.outputs
    blind = False
    for axis in range(2, out.dim()):
        for end in (0, out.shape[axis] - 1):
            (gradient,) = torch.autograd.grad(out.select(axis, end).square().sum(), ran.input, retain_graph=True)
            blind |= not gradient.any()
    assert bool(ran.says("padding-exceeds-kernel")) == blind


# One has a gate, which has a gradient everywhere; one has no two convolutions in a row, and holes that are meant.
NO_ROWS = ("read_in_passing", "silent_beside_each_other")


@pytest.mark.parametrize("path", [each for each in concrete("dilation-gridding") if each.id not in NO_ROWS])
def test_holes_are_rows_without_gradient(path):
    ran = Experiment(path)
    (out,) = ran.outputs
    last = ran.graph.nodes[-1]
    if last.kind == "global_avgpool":
        out = ran.kept[last.inputs[0]]
    holes = False
    for axis in range(2, out.dim()):
        middle = out.select(axis, out.shape[axis] * 2 // 3).sum()
        (gradient,) = torch.autograd.grad(middle, ran.input, retain_graph=True)
        rows = gradient.abs().sum(dim=tuple(a for a in range(gradient.dim()) if a != axis)).nonzero()
        holes |= len(rows) < rows.max() - rows.min() + 1
    assert bool(ran.says("dilation-gridding")) == bool(holes)


@pytest.mark.parametrize("path", concrete("repeated-activation"))
def test_an_idle_activation_can_be_left_out(path):
    """Every activation that is said to change nothing, and no other, changes nothing; on inputs of every size."""
    ran = Experiment(path)
    said = findings("repeated-activation", path.read_text("utf-8"))
    idle = {name for found in said if "has no effect here" in found.message for name in found.nodes}
    activations = [
        n for n in ran.graph.nodes if n.kind in ("relu", "relu6", "hardtanh", "leaky_relu", "tanh", "sigmoid")
    ]
    scaled = ran.input.detach() * 10 ** torch.linspace(-2, 2, SAMPLES).double().reshape(
        -1, *[1] * (ran.input.dim() - 1)
    )
    ran.kept.clear()
    with torch.no_grad():
        ran.network(scaled.requires_grad_())
    changed = {}
    for node in activations:
        module = ran.network.get_submodule(node.name)
        seen = []
        handle = module.register_forward_hook(
            lambda module, args, out, seen=seen: seen.append(torch.equal(args[0], out))
        )
        with torch.no_grad():
            ran.network(scaled)
        handle.remove()
        changed[node.name] = not seen[0]
    busy = {node.span for node in activations if changed[node.name]}
    spans = {node.name: node.span for node in ran.graph.nodes}
    expected = {
        node.name
        for node in activations
        if not changed[node.name] and (node.span not in busy or spans.get(node.inputs[0]) == node.span)
    }
    assert idle == expected
