"""`solve` and `solve_layer`: find valid inputs of a network, and fields that give a layer a required output."""

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
    """Find the inputs that a network accepts, and those at which every stride fits.

        >>> solution = cnncalc.solve("alexnet")
        >>> height, width = solution.axes
        >>> height.symbol, height.fitting.nearest(224), 227 in height.fitting
        ('H', (195, 227), True)
        >>> solution.accepts({"H": 227, "W": 227})
        True

    The spatial sizes of the input become symbols (H, W), and the conditions of the layers on them are solved.

    Args:
        network: a spec, or a name that `cnncalc.load` accepts.
        input: a shape that gives channels and number of axes, as for `Spec.graph`; by default the spec's own.
        params: parameters that replace the spec's.
        fit: what counts as a fit: `exact`, nothing is left over; `pixels`, no pixel is dropped.

    Returns:
        `axes`, one per symbol: the sizes that are `valid` and those that are `fitting`, with their `nearest` and
        `smallest` members, and the `contradiction` if there are none; conditions on several symbols are in `coupled`.

    Raises:
        UsageError: there is no such network, its input has no spatial axis, or it has too many conditions.
        SpecError: the spec has faults.
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
    """Find the paddings, kernels and strides that give a layer this output size.

        >>> choices = cnncalc.solve_layer("conv: {out_channels: 8, kernel_size: 5}", "conv1", 32, input=(3, 32, 32))
        >>> dict(choices[0].changes), choices[0].fits
        ({'padding': 2}, True)

    Args:
        network: a spec, or a name that `cnncalc.load` accepts.
        layer: the name of a layer with a kernel, a stride or a padding.
        output: the required output size, one for all spatial axes or one for each.
        input: input sizes (numbers) that replace the spec's, as for `Spec.graph`.
        params: parameters that replace the spec's.

    Returns:
        First the choices that change one field, then those that change several and fit; each has `changes` and `fits`.

    Raises:
        UsageError: there is no such layer, it does not slide, or the number of sizes is wrong.
        SpecError: the spec has faults.
    """
    from cnncalc.solutions.layer import solve_layer as solve_node

    sizes = (output,) if isinstance(output, int) else tuple(output)
    return solve_node(spec_of(network, input).graph(input, params), layer, sizes)
