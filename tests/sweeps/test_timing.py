import pytest

from cnncalc import load
from cnncalc.devices.catalog import find_device
from cnncalc.errors import UsageError
from cnncalc.prediction.predict import predict
from cnncalc.sweeps.grid import NetworkText
from cnncalc.sweeps.sweep import Sweep
from cnncalc.sweeps.timing import Timing, without_durations

RTX = find_device("rtx4090")
NETWORKS = [NetworkText.of(load(name)) for name in ("resnet@18", "resnet@34", "mobilenet_v2")]


def swept(where=None, pareto=None, batch=256, device=RTX, **more):
    return list(Sweep(NETWORKS, [], [], ("params",), where, pareto, timing=Timing(device, batch), **more))


def test_a_time_is_that_of_the_command_time():
    for point, name in zip(swept(), ("resnet@18", "resnet@34", "mobilenet_v2"), strict=True):
        (prediction,) = predict(load(name).analyze().graph, RTX, RTX.usual, [256])
        assert float(point["time"]) == pytest.approx(prediction.seconds, rel=1e-3)


def test_a_condition_takes_durations():
    times = {point["network"]: float(point["time"]) for point in swept()}
    limit = sorted(times.values())[1]
    found = swept(f"time <= {1000 * limit:.4f} ms")
    assert {point["network"] for point in found} == {name for name, time in times.items() if time <= limit}
    assert swept("time < 1us") == []


def test_a_front_of_time_and_size():
    """ResNet-34 is slower than ResNet-18 and larger, so it is not on the front."""
    assert "ResNet@34" not in {point["network"] for point in swept(pareto="time,params")}
    assert {point["network"] for point in swept(pareto="time,-params")} >= {"ResNet@34"}


def test_input_sizes_have_times_of_their_own():
    points = list(Sweep(NETWORKS[:1], [], ["3x{192,224,256}"], ("macs",), timing=Timing(RTX, 256)))
    times = [point["time"] for point in points]
    assert times == sorted(times)
    assert len(set(times)) == 3


def test_where_a_device_may_wait_the_time_is_not_known():
    assert [point["time"] for point in swept(batch=1)] == [None] * 3


def test_workers_give_the_same_times():
    pytest.importorskip("joblib")
    assert swept(backend="threading", jobs=2) == swept()


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        ("time < 5ms", "time < (1/200)"),
        ("time<1.5 s and macs < 2M", "time<(3/2) and macs < 2M"),
        ("network == 'net 5s' or time < 20us", "network == 'net 5s' or time < (1/50000)"),
        ("x5s < 3", "x5s < 3"),
        ("time < 5min", "time < 5min"),
    ],
)
def test_durations_in_expressions(text, converted):
    assert without_durations(text) == converted


def test_a_device_without_a_fit_is_refused():
    with pytest.raises(UsageError, match=r"--device h200: only a data sheet is known, .* choose from .*rtx4090"):
        swept(device=find_device("h200"))


def test_a_time_without_a_device():
    with pytest.raises(UsageError, match="a time needs a device: --device rtx4090"):
        Sweep(NETWORKS, where="time < 5ms")
