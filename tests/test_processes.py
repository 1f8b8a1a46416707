"""Processes of Python that are started here: without the current folder on their path, and gone with this one."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cnncalc import processes
from cnncalc.processes import isolated_python, kill_workers, starting_workers, worker_numbers

ROOT = Path(__file__).parents[1]
SHADOWS = [
    "onnx",
    "numpy",
    "joblib",
    "multiprocessing",
    "pickle",
    "struct",
    "enum",
    "typer",
    "yaml",
    "concurrent",
    "venv",
    "pip",
    "torchvision",
]
posix = pytest.mark.skipif(os.name == "nt", reason="processes of POSIX")
NET = "input: 3x8x8\nlayers: [relu]\nexpect: {params: 0}\n"


@pytest.fixture
def trap(tmp_path, monkeypatch):
    """A current folder with modules that leave a file when they are imported."""
    monkeypatch.chdir(tmp_path)
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write(__name__ + '\\n')\n")
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text(NET)
    yield tmp_path
    ran = tmp_path / "ran"
    assert not ran.exists(), ran.read_text()


def run(command, **options):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, **options)


def test_the_folder_is_not_on_the_path_of_a_program(trap, monkeypatch):
    monkeypatch.syspath_prepend(str(trap))
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    done = run(isolated_python("import enum, sys, yaml; print(sys.path)"))
    assert done.returncode == 0, done.stderr
    assert str(trap) not in done.stdout


def test_packages_that_only_the_environment_names_are_found(tmp_path, trap, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "only_there.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    assert run(isolated_python("import only_there")).returncode == 0


@pytest.mark.parametrize("how", [["-m", "cnncalc"], ["-c", "from cnncalc.cli.start import run; run()"]])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_checking_imports_nothing_from_the_folder(trap, how, jobs):
    if how[0] == "-c":  # as the console script, which is not in the folder
        how = ["-c", f"import sys; sys.path[:] = [entry for entry in sys.path if entry]; {how[1]}"]
    done = run([sys.executable, *how, "check", "-j", jobs])
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 specs, 3 networks: nothing found\n", "")


START = """
import multiprocessing, sys
sys.path[:] = [entry for entry in sys.path if entry]
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    from cnncalc.cli.main import main
    sys.exit(main(["check", "-j", "2"]))
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_every_way_to_start_a_worker(trap, tmp_path_factory, method):
    if os.name == "nt" and method != "spawn":
        pytest.skip("not there")
    script = tmp_path_factory.mktemp("script") / "start.py"
    script.write_text(START)
    done = run([sys.executable, script, method])
    assert (done.returncode, done.stdout) == (0, "3 specs, 3 networks: nothing found\n"), done.stderr


@pytest.mark.parametrize("backend", [[], ["--backend", "multiprocessing"], ["--backend", "loky"]])
def test_workers_of_a_sweep(trap, backend):
    pytest.importorskip("joblib")
    command = [sys.executable, "-m", "cnncalc", "sweep", "a.yaml", "-i", "3x{8,9}", "-j", "2", "-f", "csv", *backend]
    done = run(command)
    assert (done.returncode, done.stdout.count("\n")) == (0, 3), done.stderr


def test_the_inference_of_onnx(trap):
    onnx = pytest.importorskip("onnx")
    from cnncalc.importers.onnx.inferred import Inferred

    value = [onnx.helper.make_tensor_value_info(name, 1, ["n", 3, 4]) for name in "xy"]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["z"])], "g", value[:1], value[1:])
    inferred = Inferred(onnx.helper.make_model(graph), {"x": (1, 3, 4)}, resized=True)
    assert inferred.shape("z") is not None


def test_a_package_is_not_a_file_of_the_folder(trap):
    pytest.importorskip("torch")
    from cnncalc import UsageError, load

    with pytest.raises(UsageError):
        load("torch:torchvision:anything", input=(3, 8, 8))
    (trap / "mine.py").write_text("open('ran', 'w')\n")
    with pytest.raises(UsageError, match="package 'mine' is not installed: the current folder is not searched: name"):
        load("torch:mine:Net", input=(3, 8, 8))


def test_a_file_in_a_package_can_import_its_neighbours(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    from cnncalc import load

    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine" / "inner").mkdir(parents=True)
    for name in ("__init__", "inner/__init__"):
        (tmp_path / "mine" / f"{name}.py").touch()
    (tmp_path / "mine" / "sizes.py").write_text("WIDTH = 5\n")
    (tmp_path / "mine" / "inner" / "nets.py").write_text(
        "from ..sizes import WIDTH\nfrom torch import nn\ndef Net(): return nn.Sequential(nn.Conv2d(3, WIDTH, 3))\n"
    )
    assert load("torch:mine/inner/nets.py:Net", input=(3, 8, 8)).analyze().outputs == {"output": (5, 6, 6)}


@posix
def test_the_action_runs_nothing_of_the_checkout(trap):
    yaml = pytest.importorskip("yaml")
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    lines = "\n".join(step.get("run", "") for step in steps).splitlines()
    lines = [line for line in lines if "python" in line and "-m" in line]
    calls = [words for line in lines for words in line.partition("#")[0].split("||")]
    assert len(calls) == 3
    assert all(" -I -m " in call for call in calls)
    for name in ("venv", "pip"):
        assert run([sys.executable, "-I", "-m", name, "--help"]).returncode == 0


def test_what_is_set_for_workers_is_taken_back(monkeypatch):
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    monkeypatch.delenv("PYTHONWARNINGS", raising=False)
    with starting_workers(forking=True):
        assert os.environ["PYTHONSAFEPATH"] == "1"
        if os.name != "nt":
            assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    assert os.environ["PYTHONSAFEPATH"] == ""
    assert "PYTHONWARNINGS" not in os.environ
    if os.name != "nt":
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@posix
def test_workers_are_killed_but_those_spared(monkeypatch):
    from multiprocessing import get_context

    monkeypatch.setattr(processes._Ending, "now", False)  # and back again: this process goes on

    context = get_context("fork")
    one, other = (context.Process(target=time.sleep, args=(600,)) for _ in range(2))
    one.start()
    spared = worker_numbers()
    other.start()
    assert kill_workers(spared) == {other.pid}
    other.join(60)
    assert (one.exitcode, other.exitcode) == (None, -signal.SIGKILL)
    processes.end_workers()
    with pytest.raises(ProcessLookupError):
        os.kill(one.pid, 0)


LONG = "input: 3x64x64\nlayers:\n" + "  - conv: {out_channels: 8, kernel_size: 3, padding: 1}\n" * 300
CHECK = ["check", ".", "-j", "2"]
SWEEP = ["sweep", "sized.yaml", "--set", "n=1000:1002", "-i", "3x{64:3000}", "-j", "2"]  # point by point: minutes
SIZED = """input: 3x64x64
params: {n: 1}
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
    when: in_size[0] % 2 == 0
    repeat: n
"""
WAYS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", "all SIGINT", "all SIGTERM"]


@posix
@pytest.mark.skipif(shutil.which("ps") is None, reason="ps is not installed")
@pytest.mark.parametrize(
    ("command", "how"),
    [
        *((CHECK, how) for how in WAYS),
        *((SWEEP, how) for how in ("SIGTERM", "SIGKILL", "all SIGINT")),
        ([*SWEEP, "--backend", "multiprocessing"], "SIGTERM"),
    ],
)
def test_no_worker_outlives_a_command(tmp_path, command, how):
    if command[0] == "sweep":
        pytest.importorskip("joblib")
        (tmp_path / "sized.yaml").write_text(SIZED)
    for number in range(60 if command == CHECK else 0):
        (tmp_path / f"{number}.yaml").write_text(LONG)
    pipe, program = subprocess.PIPE, [sys.executable, "-m", "cnncalc"]
    process = subprocess.Popen([*program, *command], cwd=tmp_path, stdout=pipe, stderr=pipe, start_new_session=True)
    for _ in range(3000):  # workers of loky that have just been started would say that they were interrupted
        if process.poll() is not None or has_workers(process.pid, computing=command == SWEEP):
            break
        time.sleep(0.01)
    number = getattr(signal, how.split()[-1])
    (os.killpg if how.startswith("all") else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == (-9 if how == "SIGKILL" else 128 + number)
    assert (out, err) == (b"", b"")
    for _ in range(6000):
        if not living(process.pid):
            break
        time.sleep(0.01)
    assert living(process.pid) == []


def living(session: int) -> list[list[str]]:
    """The processes of a session that still run: state, number, seconds of processor time, command."""
    command = ["ps", "-s", str(session), "-o", "stat=,pid=,cputimes=,args="]
    rows = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return [row.split(maxsplit=3) for row in rows if not row.startswith("Z")]


def has_workers(session: int, computing: bool) -> bool:
    """Whether two workers run; `computing`: whether they have their tasks.

    A worker of loky that is killed with its command before it has a task waits for one for five minutes.
    """
    workers = [row for row in living(session) if row[1] != str(session) and "resource_tracker" not in row[3]]
    return sum(int(seconds) >= computing for _, _, seconds, _ in workers) >= 2


@posix
def test_a_worker_ends_with_its_parent(monkeypatch):
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda code: ended.set())
    monkeypatch.setattr(os, "getppid", lambda: 1)
    processes._watch(12345)
    assert ended.is_set()
