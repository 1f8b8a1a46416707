"""`check`: applies the rules, and a spec's own expectations, to a network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cnncalc.api.networks import Network, Params, spec_of
from cnncalc.checkpoints.reading import read_checkpoint
from cnncalc.checks.levels import Choice, rule_list
from cnncalc.checks.rule import Level
from cnncalc.checks.run import Checked, check_faulty, check_spec
from cnncalc.errors import SpecError
from cnncalc.quantities.shapes import Given
from cnncalc.records import EMPTY


def check(
    network: Network,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    levels: Mapping[str, Level] | None = None,
    input: Given | None = None,  # noqa: A002
    params: Params = None,
    weights: str | Path | Sequence[str | Path] = (),
) -> Checked:
    """Apply the rules, and the expectations of a spec, in its variant, or in all variants if none is selected.

        >>> checked = cnncalc.check(cnncalc.parse('''
        ... input: 3x32x32
        ... layers:
        ...   - conv: {out_channels: 8, kernel_size: 3}
        ...   - batchnorm
        ... '''))
        >>> [(finding.rule, finding.span.line, finding.level) for finding in checked.findings]
        [('bias-before-norm', 4, 'warning')]

    Faults of a spec are findings too, of the rule `faulty-spec`. Levels in a spec (`check:`) and comments that silence
    a rule are respected; levels in `pyproject.toml` are not, since they belong to the command.

    Args:
        network: a spec, or a name that `cnncalc.load` accepts.
        select: run only these rules; `all` stands for all of them.
        ignore: skip these rules.
        levels: rule → `error`, `warning`, `note` or `off`, overriding its default level; the spec's take precedence.
        input: the input sizes of an imported network.
        params: parameters that replace the spec's and those of its variants.
        weights: a checkpoint to compare with the selected variant: a safetensors file, an index, or several; only
            headers are read.

    Returns:
        The `findings` in the order of the text, each with its `rule`, `level`, `message`, `span` and `fix`; the number
        of `networks` that were checked; `count("error")`, the number of errors; and `weights`, how the checkpoint fits.

    Raises:
        UsageError: there is no such network, variant, rule or parameter, or a checkpoint cannot be read.
    """
    files = [weights] if isinstance(weights, str | Path) else weights
    checkpoint = read_checkpoint(map(str, files)) if files else None
    rules = rule_list("select", select), rule_list("ignore", ignore)
    choice = Choice(levels or {}, *rules, params or EMPTY, checkpoint)
    try:
        spec = spec_of(network, input)
    except SpecError as error:
        return check_faulty(str(network), error, choice)
    return check_spec(spec, choice)
