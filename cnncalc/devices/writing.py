"""Writes a device as the YAML that `cnncalc.devices.reading` reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from cnncalc.devices.device import Device, Fit
from cnncalc.devices.reading import GIGA, TERA

PICO = 1e-12


def device_text(device: Device) -> str:
    """The YAML of a device."""
    return "\n".join(_lines(device)) + "\n"


def _lines(device: Device) -> Iterator[str]:
    yield f"name: {_quoted(device.name)}"
    if device.words:
        yield f"words: {json.dumps([list(each) for each in device.words], ensure_ascii=False)}"
    if device.memory is not None:
        yield f"memory: {device.memory}B"
    if not device.queues:
        yield "queues: false"
    if device.bandwidth is not None:
        yield f"bandwidth: {_number(device.bandwidth / GIGA)} # GB/s"
    if device.peaks:
        rates = {name: rate / TERA for name, rate in device.peaks.items()}
        yield f"peaks: {_flow(rates)} # TFLOP/s, dense"
    yield f"source: {_quoted(device.source)}"
    yield f"date: {_quoted(device.date)}"
    if device.checked is not None:
        yield f"checked: {_quoted(device.checked) if device.checked else 'false'}"
    if device.fits:
        yield "fits:"
        for fit in device.fits:
            yield from _fit(fit)


def _fit(fit: Fit) -> Iterator[str]:
    setting = fit.setting
    yield f"  - mode: {setting.mode}"
    yield f"    dtype: {setting.dtype}"
    yield f"    layout: {setting.layout}"
    yield f"    compiled: {'true' if setting.compiled else 'false'}"
    yield f"    software: {_quoted(fit.software)}"
    yield f"    source: {_quoted(fit.source)}"
    yield "    terms: # ps"
    for name, seconds in fit.terms.items():
        yield f"      {name}: {_number(seconds / PICO)}"
    low, high = fit.interval
    yield f"    interval: [{_number(low)}, {_number(high)}]"
    if fit.errors:
        yield "    errors:"
        for name, errors in fit.errors.items():
            known = zip(errors._fields, errors, strict=True)
            yield f"      {name}: {_flow({field: value for field, value in known if value is not None})}"


def _flow(numbers: Mapping[str, float]) -> str:
    return f"{{{', '.join(f'{name}: {_number(number)}' for name, number in numbers.items())}}}"


def _number(number: float) -> str:
    """Five digits, without an exponent, which YAML 1.1 reads as a text in some of its forms."""
    digits = f"{number:.5g}"
    return f"{number:.20f}".rstrip("0") if "e-" in digits else f"{number:.0f}" if "e" in digits else digits


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
