from cnncalc.devices.device import Device, Setting


def test_amp_multiplies_in_float16():
    device = Device("mine", "Mine", "a sheet", "2026", peaks={"fp16": 2.0, "fp32": 1.0})
    assert device.peak("amp") == 2.0
    assert device.peak("fp32") == 1.0
    assert device.peak("bf16") is None


def test_a_source_says_whether_it_was_checked():
    assert Device("mine", "Mine", "a sheet", "2026").source_text == "a sheet, 2026"
    unchecked = Device("mine", "Mine", "a sheet", "2026", checked=False)
    assert unchecked.source_text == "a sheet, 2026; not checked against the document"
    assert (
        Device("mine", "Mine", "a sheet", "2026", checked="page 3").source_text
        == "a sheet, 2026; checked against page 3"
    )


def test_a_setting_in_words():
    assert str(Setting()) == "amp, nchw, eager"
    assert str(Setting("training", "fp32", "nhwc", True)) == "training, fp32, nhwc, compiled"
