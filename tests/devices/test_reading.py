import pytest

from cnncalc.devices.device import Setting
from cnncalc.devices.reading import read_device
from cnncalc.errors import Source, SpecError

HEAD = 'name: Mine\nsource: measured\ndate: "2026-12"\n'
FIT = """\
fits:
  - mode: inference
    dtype: fp32
    layout: nchw
    compiled: false
    terms: {dense: 12.5}
    interval: [0.9, 1.2]
    errors:
      all networks: {runs: 10, median: 0.05, p90: 0.15, coverage: 0.9, rank: 0.99}
"""


def test_units():
    text = HEAD + "memory: 24GiB\nbandwidth: 1008\npeaks: {fp32: 82.6}\n" + FIT
    device = read_device(Source("mine.yaml", text), "mine")
    assert device.memory == 24 * 2**30
    assert device.bandwidth == 1008e9
    assert device.peak("fp32") == 82.6e12
    assert device.peak("amp") is None
    fit = device.fit(Setting("inference", "fp32", "nchw", False))
    assert fit is not None
    assert fit.terms == {"dense": pytest.approx(12.5e-12)}
    assert fit.interval == (0.9, 1.2)
    assert fit.errors["all networks"].runs == 10
    assert device.fit(Setting()) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: Mine\n", "device: missing: source, date"),
        ("- a\n", "device: expected keys and values, such as name: …"),
        (HEAD + "bandwith: 3\n", "mine.yaml:4:1: device: unknown key 'bandwith'"),
        (HEAD + "bandwidth: fast\n", "mine.yaml:4:12: device: expected a number from 0"),
        (HEAD + "bandwidth: -3\n", "expected a number from 0"),
        (HEAD + "bandwidth: true\n", "expected a number from 0"),
        (HEAD + "memory: lots\n", "expected a number of bytes"),
        (HEAD + "peaks: {int4: 3}\n", "unknown key 'int4'"),
        (HEAD + "peaks: 3\n", "expected keys and values, such as fp32: …"),
        (HEAD + "checked: true\n", "expected false, or the page on which"),
        (HEAD + "words: 3\n", "expected a list"),
        (HEAD + "words: [[{}]]\n", "expected a text"),
        (HEAD + FIT.replace("[0.9, 1.2]", "[1.2, 0.9]"), "the smaller number first"),
        (HEAD + FIT.replace("[0.9, 1.2]", "[1.2]"), "expected two numbers"),
        (HEAD + FIT.replace("compiled: false", "compiled: no"), "expected true or false"),
        (HEAD + FIT.replace("12.5", "9" * 18), "expected a number from 0"),
    ],
)
def test_faults_name_their_place(text, message):
    with pytest.raises(SpecError) as caught:
        read_device(Source("mine.yaml", text), "mine")
    assert message in str(caught.value)
