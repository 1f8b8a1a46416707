"""`cnncalc check` as it is called: paths, exit codes, what is printed where."""

import json
import sys

import pytest

from cnncalc.errors import Source
from cnncalc.spec import parse_source

from ..checkpoints.files import save

GOOD = "input: 3x8x8\nlayers: [relu]\nexpect: {params: 0}\n"
BAD = "input: 3x8x8\nlayers:\n  - relu\nexpect: {params: 3}\n"
IDLE = "input: 3x8x8\nlayers:\n  - relu  # cnncalc: ignore[expectation]\n"


@pytest.fixture
def files(tmp_path):
    def write(**texts: str) -> None:
        for name, text in texts.items():
            path = tmp_path / name.replace("__", "/")
            path = path.with_suffix(".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="")

    return write


def test_text(cnncalc, files):
    files(net=BAD)
    done = cnncalc("check", "net.yaml")
    assert done.code == 1
    assert done.err == ""
    assert done.out == (
        "net.yaml:4:18: error: params: expected 3, got 0: under by 3 (−100.0%) [expectation]\n"
        "  4 │ expect: {params: 3}\n"
        "    │                  ^ write 0 if the change is intended\n"
        "\n"
        "1 spec, 1 network: 1 error\n"
    )


def test_clean(cnncalc, files):
    files(net=GOOD)
    assert cnncalc("check", "net.yaml") == (0, "1 spec, 1 network: nothing found\n", "")


def test_warnings_fail_when_strict(cnncalc, files):
    files(net=IDLE)
    assert cnncalc("check", "net.yaml").code == 0
    assert cnncalc("check", "net.yaml", "--strict").code == 1
    assert cnncalc("check", "net.yaml", "--strict", "--ignore", "unused-ignore").code == 0


def test_folders_patterns_variants_and_doubles(cnncalc, files):
    files(a__one=GOOD, a__b__two=BAD, a__other="services: {}\n", **{"a__.hidden__three": BAD})
    assert "2 specs, 2 networks: 1 error" in cnncalc("check", "a").out
    assert "2 specs, 2 networks: 1 error" in cnncalc("check", "a", "a/one.yaml", "./a").out
    assert "1 spec, 1 network: nothing" in cnncalc("check", "a/*e.yaml").out
    assert "2 specs" in cnncalc("check", "a/**/*[eo].yaml").out
    assert "2 specs, " in cnncalc("check", "resnet", "resnet@50", "--select", "expectation").out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("flow.yaml", "{input: 784, layers: [relu, relu], expect: {params: 3}}\n"),
        ("json.yaml", '{"input": 784, "layers": ["relu"], "expect": {"params": 3}}\n'),
        ("quoted.yml", "input: 784\n'layers': [relu]\nexpect: {params: 3}\n"),
        ("document.yaml", "--- {layers: [relu], input: 784, expect: {params: 3}}\n"),
        ("mark.yaml", "\ufefflayers: [relu]\ninput: 784\nexpect: {params: 3}\n"),
        ("LOUD.YAML", BAD),
        ("indented.yaml", "  input: 784\n  layers: [relu]\n  expect: {params: 3}\n"),
        ("slip.yaml", "input: 784\nlayer: [relu]\n"),
        ("slip.yaml", "{input: 784, Layers: [relu]}\n"),
        ("cut.yaml", "input: [784\nlayers: [relu]\n"),
        ("cut.yaml", "{input: 784, layers: [relu\n"),
    ],
)
def test_every_way_to_write_a_spec_is_one_in_a_folder(cnncalc, tmp_path, name, text):
    (tmp_path / name).write_text(text, "utf-8")
    assert cnncalc("check", ".").code == 1
    assert cnncalc("check", "--skip-others", name).code == 1


@pytest.mark.parametrize(
    "text",
    [
        "on: {workflow_dispatch: {inputs: {layers: {type: string}}}}\njobs: {}\n",
        "services: {web: {image: nginx, input: {layers: [a]}}}\n",
        "input: data.csv\nmodel: big\n",
        "[input, layers]\n",
        "- input: 3\n- layers: 3\n",
        "a text about layers: and input: and more\n",
        "{input: 3, ]\n",
        'key: "input: layers:"\n',
        "\0input: 3\n",
        "",
    ],
)
def test_other_files_of_a_folder_are_left_alone(cnncalc, tmp_path, text):
    (tmp_path / "net.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "other.yaml").write_text(text, "utf-8")
    assert cnncalc("check", ".") == (0, "1 spec, 1 network: nothing found\n", "")


def test_faults_are_findings_and_the_run_goes_on(cnncalc, files):
    files(a="input: 3x8x8\nlayers: [rely]\n", b=BAD)
    done = cnncalc("check", "a.yaml", "b.yaml")
    assert done.code == 1
    assert "a.yaml:2:10: error: unknown layer 'rely' [faulty-spec]" in done.out
    assert "b.yaml:4:18" in done.out


def test_what_is_not_there_is_said_and_the_run_goes_on(cnncalc, files):
    files(b=BAD)
    done = cnncalc("check", "gone.yaml", "b.yaml", "no*.yaml", "resnet@51")
    assert done.code == 2
    assert "1 spec, 1 network: 1 error" in done.out
    assert "no such file or shipped network: gone.yaml" in done.err
    assert "no file matches 'no*.yaml'" in done.err
    assert "ResNet has no variant '51'" in done.err


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "an empty PATH: name a file, a folder or a shipped network"),
        (".", ".: no spec in this folder (a YAML file with a top-level 'layers:')"),
        ("alexne", "no such file or shipped network: alexne (did you mean 'alexnet'?)"),
        ("resnet@", "ResNet has no variant ''"),
    ],
)
def test_nothing_but_faults_has_no_sum(cnncalc, path, message):
    done = cnncalc("check", path)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_shipped_file_name_where_no_file_is(cnncalc):
    done = cnncalc("check", "lenet5.yaml", "--select", "expectation")
    assert done.out == "1 spec, 1 network: nothing found\n"
    assert done.err == "cnncalc: no file lenet5.yaml here: using the shipped network\n"


def test_a_network_that_is_imported(cnncalc, monkeypatch):
    """What importers make of it is theirs to test; here it is checked as the spec that it becomes."""
    monkeypatch.setattr("cnncalc.cli.checking.open_spec", lambda name, inputs: parse_source(Source(name, BAD)))
    done = cnncalc("check", "torch:mine:Net", "--input", "3x8x8")
    assert done.out.startswith("torch:mine:Net:4:18: error: params: expected 3, got 0")
    assert "--fix changes files" in cnncalc("check", "torch:mine:Net", "--fix").err


def test_standard_input(cnncalc, monkeypatch):
    import io

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    assert "-:4:18: error" in cnncalc("check", "-").out


def test_a_named_file_that_is_no_spec(cnncalc, files):
    files(other="services: {}\n", net=GOOD)
    assert cnncalc("check", "other.yaml", "net.yaml").code == 1
    assert cnncalc("check", "--skip-others", "other.yaml", "net.yaml").out == "1 spec, 1 network: nothing found\n"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib comes with Python 3.11")
def test_the_project_says_levels_and_specs(cnncalc, files, tmp_path):
    files(nets__net=BAD)
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.cnncalc]\nspecs = ["nets/*.yaml"]\n[tool.cnncalc.check]\nwarning = ["expectation"]\n')
    done = cnncalc("check")
    assert done.code == 0
    assert "net.yaml:4:18: warning" in done.out
    project.write_text('[tool.cnncalc]\nspecs = "nets"\ncheck = {hide = ["expectation"]}\n')
    assert "unknown key 'hide': it takes ignore, note, warning, error" in cnncalc("check").err
    project.write_text('[tool.cnncalc.check]\nignore = ["expect"]\n')
    assert "unknown rule 'expect': did you mean 'expectation'?" in cnncalc("check", "nets").err
    project.write_text('[tool.cnncalc.check]\nnote = ["faulty-spec"]\n')
    assert "note: faulty-spec is always an error and cannot be ignored" in cnncalc("check", "nets").err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--select", "expct"], "--select: unknown rule 'expct': did you mean 'expectation'?"),
        (
            ["--ignore", "faulty-spec"],
            "--ignore: faulty-spec is always an error and cannot be ignored",
        ),
        (["--jobs", "0"], "--jobs: expected a whole number from 1 to 1,024"),
        (["--format", "xml"], "--format: expected one of"),
        (["--fix", "resnet"], "--fix changes files: name them by their paths"),
    ],
)
def test_options_at_fault(cnncalc, files, options, message):
    files(net=GOOD)
    done = cnncalc("check", "net.yaml", *options)
    assert done.code == 2
    assert message in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("form", "begin"),
    [("github", "::error title"), ("sarif", "{\n"), ("junit", "<?xml"), ("json", "{\n"), ("text", "net.yaml:4")],
)
def test_formats(cnncalc, files, form, begin):
    files(net=BAD)
    done = cnncalc("check", "net.yaml", "--format", form)
    assert done.code == 1
    assert done.out.startswith(begin)
    assert done.err == ("" if form == "text" else "1 spec, 1 network: 1 error\n")


def test_what_is_no_text_is_annotated_at_its_file(cnncalc, files, tmp_path):
    files(net=GOOD)
    (tmp_path / "binary.yaml").write_bytes(b"input: 3\xff\n")
    done = cnncalc("check", "binary.yaml", "net.yaml", "gone.yaml", "--format", "github")
    assert done.code == 2
    one, other = sorted(done.out.splitlines())
    assert one.startswith("::error title=cnncalc,file=binary.yaml::binary.yaml: not UTF-8 text")
    assert other.startswith("::error title=cnncalc::no such file")


def test_in_actions_annotations_come_by_themselves(cnncalc, files, monkeypatch):
    files(net=BAD)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert cnncalc("check", "net.yaml").out.startswith("::error title=expectation,file=net.yaml,line=4,")
    assert cnncalc("check", "net.yaml", "-f", "text").out.startswith("net.yaml:4:18: error")


def test_after_two_dashes_all_is_a_path(cnncalc, files):
    files(net=BAD)
    assert cnncalc("check", "--strict", "--", "net.yaml").code == 1
    assert "no SPEC given" not in cnncalc("check", "--strict", "--").err


def test_several_processes_say_the_same_in_the_same_order(cnncalc, files):
    files(**{f"n{number}": (BAD, GOOD, IDLE, "layers: [x]")[number % 4] for number in range(12)})
    assert cnncalc("check", ".", "--jobs", "2") == cnncalc("check", ".")


def test_parameters_are_set_in_every_spec(cnncalc, files):
    text = "input: 3x8x8\nparams: {width: 4}\nlayers: [{conv: {out_channels: width, kernel_size: 1}}]\n"
    files(a=text + "expect: {params: 16}\n", c=GOOD)
    done = cnncalc("check", "a.yaml", "--set", "width=2")
    assert (done.code, done.err) == (1, "")
    assert "a.yaml:4:18: error: params: expected 16, got 8: under by 8" in done.out
    done = cnncalc("check", "a.yaml", "c.yaml", "--set", "width=4", "--jobs", "2")
    assert done.code == 2
    assert done.err == "cnncalc: c has no parameter 'width': it has none\n"
    assert done.out == "1 spec, 1 network: nothing found\n"
    assert "--set width: expected name=value" in cnncalc("check", "a.yaml", "--set", "width").err
    done = cnncalc("check", "a.yaml", "--set", "width=2", "--fix")
    assert (done.code, done.err) == (2, "cnncalc: --fix changes a spec as it is written: leave out --set\n")


LINEAR = "input: 4\nlayers:\n  - linear: 2\n"


def test_a_checkpoint(cnncalc, files, tmp_path):
    files(net=LINEAR)
    save(tmp_path / "model.safetensors", {"linear1.weight": ((2, 4), "F16"), "linear1.bias": ((2,), "F16")})
    done = cnncalc("check", "net.yaml", "--weights", "model.safetensors")
    assert done.code == 0
    assert "model.safetensors fits net.yaml: 2 tensors, F16" in done.out.splitlines()
    save(tmp_path / "model.safetensors", {"fc.weight": (2, 4), "fc.bias": (2,)})
    done = cnncalc("check", "net.yaml", "--weights", "model.safetensors")
    assert done.code == 1
    assert "rename fc.* to linear1.*" in done.out
    weights = json.loads(cnncalc("check", "net.yaml", "--weights", "model.safetensors", "-f", "json").out)["specs"][0][
        "weights"
    ]
    assert weights["renamings"] == {"fc.weight": "linear1.weight", "fc.bias": "linear1.bias"}
    assert not weights["fits"]
    assert weights["dtypes"] == {"F32": 2}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["net.yaml", "other.yaml", "--weights", "model.safetensors"],
            "is compared with one network: there are 2 specs",
        ),
        (["net.yaml", "--weights", "gone.safetensors"], "gone.safetensors: no such file"),
        (["net.yaml", "--weights", "model.pt"], "model.pt: a pickle can run code when it is read"),
    ],
)
def test_a_checkpoint_that_is_not_compared(cnncalc, files, tmp_path, names, message):
    files(net=LINEAR, other=LINEAR)
    (tmp_path / "model.pt").write_bytes(b"PK\3\4")
    done = cnncalc("check", *names)
    assert done.code == 2
    assert message in done.err.replace("\n", " ")
