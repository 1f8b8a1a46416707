"""`diff` and `explain`: two networks beside each other, and the arithmetic of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.analysis.report import Report
from cnncalc.api.networks import Network, Params, report_of
from cnncalc.quantities.shapes import Given

if TYPE_CHECKING:  # each function loads its own
    from cnncalc.differences.difference import Difference
    from cnncalc.explanations.explanation import Explanation


def diff(
    before: Network | Report,
    after: Network | Report,
    input: Given | None = None,  # noqa: A002
    params: Params = None,
) -> Difference:
    """What changed from one network to another: totals, and every layer that came, went, or is written otherwise.

        >>> found = cnncalc.diff("resnet@18", "resnet@34")
        >>> found.totals["params"].change, found.counts["inserted"]
        (10108160, 56)
        >>> found.equal
        False

    Layers are aligned, so that an insertion or a new name moves nothing else.

    Args:
        before: a spec, a name as `cnncalc.load` takes it (`HEAD:net.yaml` is the file as git has it), or a report.
        after: the same.
        input: sizes in place of both specs', as for `Spec.graph`; of a report they have been chosen already.
        params: parameters in place of both specs'.

    Returns:
        `totals` by name, each with `before`, `after`, `change` and `percent`; `changes`, one per layer in the order of
        execution, each with its `status`, `edits` and `figures`; `equal` where nothing differs.

    Raises:
        UsageError: there is no such network, or the request does not fit it.
        SpecError: a spec is at fault.
    """
    from cnncalc.differences.difference import difference

    return difference(report_of(before, input, params), report_of(after, input, params))


def explain(
    network: Network | Report,
    layer: str = "",
    input: Given | None = None,  # noqa: A002
    params: Params = None,
) -> list[Explanation]:
    """The arithmetic of a layer step by step: its size, whether the stride fits, fixes, field, weights, operations.

        >>> (conv1,) = cnncalc.explain("alexnet", "conv1", input=(3, 227, 227))
        >>> conv1.layer.output, [step.label for step in conv1.steps][:3]
        ((96, 55, 55), ['size', 'output', 'left over'])

    Args:
        network: a spec, a name as `cnncalc.load` takes it (a layer written out, for example), or a report.
        layer: the name of a layer, or of a block for all in it; the whole network where left out.
        input: sizes in place of the spec's, as for `Spec.graph`.
        params: parameters in place of the spec's.

    Returns:
        One explanation per layer, in the order of execution: the `layer`, what flows in, and the `steps`.

    Raises:
        UsageError: nothing has that name, there is no such network, or the request does not fit it.
        SpecError: the spec is at fault.
    """
    from cnncalc.explanations.explanation import explain as explain_report

    return explain_report(report_of(network, input, params), layer)
