"""`solve` and `solve_layer`: the inputs that a network takes, and the fields that give a layer its output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from cnncalc.api.networks import Network, Params, spec_of
from cnncalc.errors import UsageError
from cnncalc.quantities.shapes import Given

if TYPE_CHECKING:  # each function loads its own
    from cnncalc.solutions.conditions import Solution
    from cnncalc.solutions.layer import Choice


def solve(
    network: Network,
    input: Given | None = None,  # noqa: A002
    params: Params = None,
    fit: Literal["exact", "pixels"] = "exact",
) -> Solution:
    """The inputs that a network takes, and those at which every stride fits.

        >>> solution = cnncalc.solve("alexnet")
        >>> height, width = solution.axes
        >>> height.symbol, height.fitting.nearest(224), 227 in height.fitting
        ('H', (195, 227), True)
        >>> solution.accepts({"H": 227, "W": 227})
        True

    The spatial sizes of the input become symbols (H, W), and what the layers need of them is solved for.

    Args:
        network: a spec, or a name as `cnncalc.load` takes it.
        input: how many channels and axes the input has, as for `Spec.graph`; the spec's own where left out.
        params: parameters in place of the spec's.
        fit: what counts as a fit: `exact`, nothing left over; `pixels`, all but pixels that nothing reads.

    Returns:
        One of `axes` per symbol: the sizes that are `valid` and those that are `fitting`, which know their `nearest`,
        `smallest` and members, and the `contradiction` where none is; what couples symbols is in `coupled`.

    Raises:
        UsageError: there is no such network, its input has no spatial size, or its conditions are too many to decide.
        SpecError: the spec is at fault.
    """
    if fit not in ("exact", "pixels"):
        raise UsageError(f"fit: expected 'exact' or 'pixels', got {fit!r}")
    from cnncalc.solutions.conditions import solve as solve_graph
    from cnncalc.solutions.conditions import symbolic_input

    spec = spec_of(network, input)
    return solve_graph(spec.graph(symbolic_input(spec.inputs(input, params)), params), fit)


def solve_layer(
    network: Network,
    layer: str,
    output: int | tuple[int, ...],
    input: Given | None = None,  # noqa: A002
    params: Params = None,
) -> list[Choice]:
    """The paddings, kernels and strides that give a layer this output size.

        >>> choices = cnncalc.solve_layer("conv: {out_channels: 8, kernel_size: 5}", "conv1", 32, input=(3, 32, 32))
        >>> dict(choices[0].changes), choices[0].fits
        ({'padding': 2}, True)

    Args:
        network: a spec, or a name as `cnncalc.load` takes it.
        layer: the name of a layer with a kernel, a stride or a padding.
        output: the size that is to leave it, one for all spatial axes or one for each.
        input: sizes in place of the spec's, as for `Spec.graph`; numbers.
        params: parameters in place of the spec's.

    Returns:
        First those that change one field, then those that change several and fit; each with `changes` and `fits`.

    Raises:
        UsageError: no such layer, or none that slides; a size for another number of axes.
        SpecError: the spec is at fault.
    """
    from cnncalc.solutions.layer import solve_layer as solve_node

    sizes = (output,) if isinstance(output, int) else tuple(output)
    return solve_node(spec_of(network, input).graph(input, params), layer, sizes)
