"""The time that the fit of a device predicts, to be read beside the measured one."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.devices.catalog import device_named
from cnncalc.devices.device import Setting
from cnncalc.graph import Graph
from cnncalc.prediction.predict import predict
from cnncalc.pytorch.bench.settings import Settings
from cnncalc.quantities.measures import interval_text, seconds_text


def predicted_time(graph: Graph, facts: Mapping[str, str], settings: Settings, batch: int) -> list[str]:
    """A note with the predicted time and its interval; none if the device or the setting has no fit."""
    device = None if facts.get("mig") == "on" else device_named(facts.get("device", ""))
    if device is None:
        return []
    (prediction,) = predict(graph, device, setting_of(settings), [batch])
    seconds, interval = prediction.seconds, prediction.interval
    if seconds is None or interval is None:
        return []
    low, high = interval
    ends = f"from {seconds_text(low, seconds)}" if high is None else interval_text((low, high), seconds)
    return [f"predicted: {seconds_text(seconds)} (90% interval: {ends}), by the fit of {device.key}"]


def setting_of(settings: Settings) -> Setting:
    """The setting of a fit that is run like this; training in 16 bits is autocast."""
    names = {"fp16": "amp", "bf16": "amp_bf16"} if settings.training else {}
    layout = "nhwc" if settings.channels_last else "nchw"
    return Setting(settings.mode, names.get(settings.dtype, settings.dtype), layout, settings.compile)
