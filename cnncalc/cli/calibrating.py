"""Runs `cnncalc bench --calibrate` once its options are read and PyTorch is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cnncalc.cli.options import Request
from cnncalc.cli.output import write_data
from cnncalc.cli.present import analyze_spec, print_view
from cnncalc.cli.progress import Progress
from cnncalc.cli.saving import STANDARD_OUTPUT, save_text
from cnncalc.devices.catalog import SUFFIXES
from cnncalc.devices.device import Device
from cnncalc.devices.reading import read_device
from cnncalc.devices.writing import device_text
from cnncalc.errors import UsageError
from cnncalc.pytorch.bench.calibration.fitted import device_of, fit_points, require_numpy
from cnncalc.pytorch.bench.calibration.measuring import measure_points
from cnncalc.pytorch.bench.devices.opening import open_device
from cnncalc.pytorch.bench.predicted_time import setting_of
from cnncalc.pytorch.bench.results.record import require_writable
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.pytorch.bench.subject import Named
from cnncalc.pytorch.bench.team import under_torchrun
from cnncalc.render.formats.json import dump_json
from cnncalc.render.views.calibration import calibration_document, calibration_view
from cnncalc.source.reading import read

# Small networks, of which the first ten have all kinds of kernels.
NETWORKS = (
    "resnet@18", "mobilenet_v2", "vgg@11", "deit@tiny", "resnext@50_32x4d", "efficientnet@b0", "squeezenet@1_1",
    "mlp_mixer@s_32", "convnext_v2@atto", "regnet@y_400mf", "densenet@121", "resnet@50", "mobilenet_v3@large",
    "swin@t", "googlenet", "nin", "shufflenet_v1@x1_0_g3", "mnasnet@0_5", "shufflenet_v2@x1_0", "mobilevit@xxs",
)  # fmt: skip


def require_alone(output: str, others: Mapping[str, bool]) -> None:
    """Refuse options that a calibration does not take, and an output that `time` would not read.

    Raises:
        UsageError: such an option is given.
    """
    given = [name for name, is_given in others.items() if is_given]
    if given:
        raise UsageError(f"--calibrate times a fixed set of networks: leave out {', '.join(given)}")
    if not output:
        raise UsageError("--calibrate writes a device: -o my_gpu.yaml")
    if output not in STANDARD_OUTPUT and not output.lower().endswith(SUFFIXES):
        raise UsageError(f"-o {output}: `time --device` reads a device whose name ends in .yaml: -o {output}.yaml")
    if under_torchrun():
        raise UsageError("--calibrate measures one process: start it without torchrun")


def calibrate(request: Request, settings: Settings, device: str, output: str) -> None:
    """Measure, fit, print the errors, and write the device file; fits for other settings that are there stay.

    Raises:
        UsageError: the request cannot be met.
        SpecError: the file that is to be written exists, and is not that of a device.
    """
    require_numpy()
    printed = output in STANDARD_OUTPUT
    path = Path(output)
    before = None if printed else _before(path)
    networks = _networks(request)
    with Progress(after=0.0, lines=True) as progress:
        opened = open_device(device)
        measured = measure_points(opened, settings, networks, progress.say)
    calibrated = fit_points(measured, setting_of(settings), opened.queues)
    found = device_of("device" if printed else path.stem, opened, calibrated.fit, before)
    save_text(device_text(found), output)
    if printed:
        return
    if request.form == "json":
        write_data(dump_json(calibration_document(found, measured, calibrated)))
    else:
        print_view(calibration_view(found, measured, calibrated), request.form)


def _before(path: Path) -> Device | None:
    """The device that a file has already; the file can be written."""
    require_writable(path, "-o")
    return read_device(read(path), path.stem) if path.exists() and path.stat().st_size else None


def _networks(request: Request) -> Sequence[Named]:
    return [Named(name, analyze_spec(name, request).graph) for name in NETWORKS]
