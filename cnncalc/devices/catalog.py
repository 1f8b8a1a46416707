"""Finds devices: those that ship with the tool, by name or by the name that a driver gives, and files of the user's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cnncalc.devices.device import Device
from cnncalc.devices.reading import read_device
from cnncalc.errors import UsageError
from cnncalc.source.reading import read
from cnncalc.suggest import MOST_LISTED, ask, suggest_names

FOLDER = Path(__file__).parent
SUFFIXES = (".yaml", ".yml")
LONGEST = 200  # letters of a name


@cache
def device_names() -> tuple[str, ...]:
    """The names of the shipped devices, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def find_device(name: str) -> Device:
    """The shipped device of this name (`rtx4090`, `RTX 4090`), or that in a file (`my_gpu.yaml`).

    Raises:
        UsageError: there is no such device or file.
        SpecError: the file does not describe a device.
    """
    if name.lower().endswith(SUFFIXES):
        return read_device(read(Path(name)), Path(name).stem)
    plain = _plain(name)
    for key in device_names():
        if plain == _plain(key):
            return _shipped(key)
    raise UsageError(f"unknown device '{name[:LONGEST]}': {_hint(name[:LONGEST])}")


def is_device(name: str) -> bool:
    """Whether a shipped device has this name, in any spelling, or the name is that of a device file."""
    return name.lower().endswith(SUFFIXES) or _plain(name) in map(_plain, device_names())


def every_device() -> list[Device]:
    """All shipped devices."""
    return [_shipped(key) for key in device_names()]


def device_named(driver: str) -> Device | None:
    """The shipped device that a driver calls by this name: that with the most words in it; None if there is none."""
    words = set(driver.upper().replace("-", " ").replace("(R)", " ").replace("(TM)", " ").split())
    found: dict[int, Device] = {}
    for device in every_device():
        for each in device.words:
            if words >= {word.upper() for word in each}:
                found.setdefault(len(each), device)
    return found[max(found)] if found else None


def _hint(name: str) -> str:
    """The devices whose names contain this one (h100: h100_nvl, h100_pcie, h100_sxm), else the nearest."""
    plain = _plain(name)
    longer = [key for key in device_names() if plain in _plain(key)] if plain else []
    if 0 < len(longer) <= MOST_LISTED:
        return ask(*longer)
    return suggest_names(name, device_names(), "`cnncalc time --devices` lists them:")


@cache
def _shipped(key: str) -> Device:
    return read_device(read(FOLDER / f"{key}.yaml"), key)


def _plain(name: str) -> str:
    """A name without what people write in different ways."""
    return "".join(letter for letter in name.lower() if letter.isalnum())
