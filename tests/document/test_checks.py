"""`check:` as it is read: a level per rule; and what it refuses."""

import pytest

import cnncalc


def read(check):
    return cnncalc.parse(f"input: 3x9x9\nlayers: [relu]\ncheck: {check}\n").document.check


def test_levels():
    found = read("{ignore: [expectation], error: [unused-ignore, faulty-spec]}")
    assert found == {"expectation": "off", "unused-ignore": "error", "faulty-spec": "error"}


@pytest.mark.parametrize(
    ("check", "message", "hint"),
    [
        ("{ignore: [expectatoin]}", "check: ignore: unknown rule 'expectatoin'", "did you mean 'expectation'?"),
        ("{ignore: unused_ignore}", "check: ignore: unknown rule 'unused_ignore'", "did you mean 'unused-ignore'?"),
        (
            "{ignore: [faulty-spec]}",
            "check: ignore: faulty-spec is always an error and cannot be ignored",
            "leave it out",
        ),
        ("{note: faulty-spec}", "check: note: faulty-spec is always an error and cannot be ignored", "leave it out"),
        ("{note: zzz}", "check: note: unknown rule 'zzz'", "'cnncalc rule' lists the rules"),
        ("{ignored: [expectation]}", "check: unknown key 'ignored'", "did you mean 'ignore'?"),
        ("{off: [expectation]}", "check: unknown key 'off'", "did you mean 'ignore'?"),
        ("{rule: [expectation]}", "check: unknown key 'rule'", "check takes ignore, note, warning, error"),
        ("{expectation: note}", "check: unknown key 'expectation'", "the keys are levels: {ignore: [expectation]}"),
        ("{error: {expectation: true}}", "check: error: expected the name of a rule or a list of rules", "for example"),
        ("{error: [expectation], note: expectation}", "check: expectation is listed twice", "list it once"),
        ("[expectation]", "check: expected a mapping", "for example"),
    ],
)
def test_refusals(check, message, hint):
    with pytest.raises(cnncalc.SpecError) as caught:
        read(check)
    (fault,) = caught.value.faults
    assert fault.message == message
    assert fault.hint.startswith(hint)
    assert fault.span.line == 3
