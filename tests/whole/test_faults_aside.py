"""Faults of `expect` and `check` alone: a warning of every command but `check` and `fmt`, which need these sections."""

from __future__ import annotations

import io

import pytest

import cnncalc
from cnncalc.cli.main import main

NETWORK = "input: 3x8x8\nlayers:\n  - conv: {out_channels: 2, kernel_size: 1}\n"
FAULTS = {
    "expect: {parms: 3}": "expect: unknown figure 'parms'",
    "expect: {params: at moast 3}": "expect: params: expected a number or a bound",
    "expect: {params: {wide: 3}}": "expect: params: no variant named 'wide'",
    "expect: [3]": "expect: expected a mapping",
    "check: {error: [nothing]}": "check: error: unknown rule 'nothing'",
    "check: {ignor: [checkerboard]}": "check: unknown key 'ignor'",
}


COMMANDS = (
    "shapes",
    "params",
    "flops",
    "rf",
    "memory",
    "summary",
    "explain",
    "solve",
    "export",
    "sweep",
    "time --device rtx4090",
)


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(arguments))
        return (code, *capsys.readouterr())

    return command


@pytest.mark.parametrize("section", FAULTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_table_comes_and_the_fault_is_a_warning(run, tmp_path, section, command):
    (tmp_path / "good.yaml").write_text(NETWORK)
    (tmp_path / "bad.yaml").write_text(NETWORK + section + "\n")
    code, out, err = run(*command.split(), "bad.yaml")
    assert code == 0
    assert out.replace("bad", "good").replace("Bad", "Good") == run(*command.split(), "good.yaml")[1]
    assert err.startswith("bad.yaml:4:")
    assert f": warning: {FAULTS[section]}" in err


@pytest.mark.parametrize("section", FAULTS)
@pytest.mark.parametrize(("command", "code"), [("check", 1), ("fmt", 2)])
def test_the_commands_that_need_the_section_fail(run, tmp_path, section, command, code):
    (tmp_path / "bad.yaml").write_text(NETWORK + section + "\n")
    done = run(command, "bad.yaml")
    assert done[0] == code
    assert FAULTS[section] in done[1] + done[2]
    assert "warning" not in done[2]


def test_other_faults_are_listed_with_them(run, tmp_path):
    (tmp_path / "bad.yaml").write_text(NETWORK.replace("conv:", "covn:") + "expect: {parms: 3}\n")
    code, out, err = run("shapes", "bad.yaml")
    assert (code, out) == (2, "")
    assert "unknown layer 'covn'" in err
    assert "expect: unknown figure 'parms'" in err


def test_in_python(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(NETWORK + "expect: {parms: 3}\n")
    with pytest.warns(UserWarning, match="expect: unknown figure 'parms'"):
        spec = cnncalc.load(path)
    assert spec.analyze().params == 8
    assert [finding.level for finding in cnncalc.check(spec).findings] == ["error"]
    with pytest.raises(cnncalc.SpecError, match="unknown figure 'parms'"):
        cnncalc.parse(path.read_text())


def test_from_standard_input(run, monkeypatch):
    text = NETWORK + "expect: {parms: 3}\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code, out, err = run("shapes", "-")
    assert (code, "2×8×8" in out, "warning: expect" in err) == (0, True, True)
