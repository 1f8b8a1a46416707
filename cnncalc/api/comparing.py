"""`diff` and `explain`: compare two networks, and explain the arithmetic of one."""

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
    """Compare two networks: totals, and every layer that was inserted, removed or edited.

        >>> changes = cnncalc.diff("resnet@18", "resnet@34")
        >>> changes.totals["params"].change, changes.counts["inserted"]
        (10108160, 56)
        >>> changes.equal
        False

    Layers are aligned, so that an insertion or a new name does not affect other layers.

    Args:
        before: a spec, a name that `cnncalc.load` accepts (`HEAD:net.yaml` is the file in git), or a report.
        after: the same.
        input: input sizes that replace those of both specs, as for `Spec.graph`; not used for reports.
        params: parameters that replace those of both specs.

    Returns:
        `totals` by name, each with `before`, `after`, `change` and `percent`; `changes`, one per layer in the order of
        execution, each with its `status`, `edits` and `figures`; and `equal`, whether nothing differs.

    Raises:
        UsageError: there is no such network, or the inputs or parameters do not fit it.
        SpecError: a spec has faults.
    """
    from cnncalc.differences.difference import difference

    return difference(report_of(before, input, params), report_of(after, input, params))


def explain(
    network: Network | Report,
    layer: str = "",
    input: Given | None = None,  # noqa: A002
    params: Params = None,
) -> list[Explanation]:
    """Explain the arithmetic of a layer step by step: size, stride fit, fixes, receptive field, weights, operations.

        >>> (conv1,) = cnncalc.explain("alexnet", "conv1", input=(3, 227, 227))
        >>> conv1.layer.output, [step.label for step in conv1.steps][:3]
        ((96, 55, 55), ['size', 'output', 'left over'])

    Args:
        network: a spec, a name that `cnncalc.load` accepts (including a single layer), or a report.
        layer: the name of a layer or a block; by default, the whole network.
        input: input sizes that replace the spec's, as for `Spec.graph`.
        params: parameters that replace the spec's.

    Returns:
        One explanation per layer, in execution order: the `layer`, its `inputs`, and the `steps`.

    Raises:
        UsageError: there is no such network or layer, or the inputs or parameters do not fit it.
        SpecError: the spec has faults.
    """
    from cnncalc.explanations.explanation import explain as explain_report

    return explain_report(report_of(network, input, params), layer)
