from pathlib import Path

import pytest

from cnncalc.devices.catalog import FOLDER, device_named, device_names, every_device, find_device
from cnncalc.errors import SpecError, UsageError

WANTED = (
    "v100_sxm2", "t4", "a10", "a100_40gb", "a100_80gb", "l4", "l40s", "h100_pcie", "h100_sxm", "h200", "b200",
    "rtx2080ti", "rtx3090", "rtx4090", "rtx5090", "rtx_pro6000", "mi250x", "mi300x", "m1", "m2", "m3", "m4",
    "jetson_agx_orin", "raspberry_pi_5",
)  # fmt: skip


def test_common_devices_are_there():
    assert set(WANTED) <= set(device_names())


@pytest.mark.parametrize("device", every_device(), ids=lambda device: device.key)
def test_a_sheet_is_complete_and_dense(device):
    """Matrix units are quicker than vector units, and fp16 as quick as bf16; a sheet with sparsity would be double."""
    assert device.source
    assert device.checked is not None, "false, unless someone found the figures in the document"
    assert device.date[:2] == "20"
    assert device.bandwidth is not None
    assert 10e9 < device.bandwidth < 10e12
    for fast, slow in (("tf32", "fp32"), ("fp16", "tf32"), ("fp16", "fp32")):
        if fast in device.peaks and slow in device.peaks:
            assert device.peaks[slow] <= device.peaks[fast]
    if "bf16" in device.peaks:
        assert device.peaks["bf16"] == device.peaks["fp16"]


def test_the_page_counts_the_devices():
    page = (Path(__file__).parents[2] / "docs" / "time.md").read_text("utf-8")
    devices = every_device()
    unchecked = sum(device.checked is False for device in devices)
    assert f"{len(devices)} devices ship; six of them have fits. The peaks and bandwidths of {unchecked} " in page
    assert sum(bool(device.fits) for device in devices) == 6


@pytest.mark.parametrize("name", ["rtx4090", "RTX 4090", "rtx-4090", "RTX_4090"])
def test_a_name_may_be_spelt_as_people_do(name):
    assert find_device(name).key == "rtx4090"


def test_an_unknown_device_names_the_nearest():
    with pytest.raises(UsageError, match=r"unknown device 'rtx409': did you mean .*'rtx4090'"):
        find_device("rtx409")


def test_a_name_that_several_devices_contain_offers_them():
    with pytest.raises(
        UsageError, match=r"unknown device 'H 100': did you mean 'h100_nvl', 'h100_pcie' or 'h100_sxm'\?"
    ):
        find_device("H 100")


@pytest.mark.parametrize(
    ("driver", "key"),
    [
        ("NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", "rtx_pro6000_maxq"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "rtx_pro6000"),
        ("12th Gen Intel(R) Core(TM) i7-12700H", "i7_12700h"),
        ("NVIDIA A100-SXM4-40GB", "a100_40gb"),
        ("NVIDIA A100-SXM4-80GB", "a100_80gb"),
        ("NVIDIA GeForce RTX 2080 Ti", "rtx2080ti"),
    ],
)
def test_the_name_of_a_driver_finds_the_device_with_the_most_words(driver, key):
    found = device_named(driver)
    assert found is not None
    assert found.key == key


def test_a_driver_that_is_unknown():
    assert device_named("GeForce GT 710") is None


def test_a_file_of_the_user(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text((FOLDER / "rtx4090.yaml").read_text("utf-8"), "utf-8")
    assert find_device(str(file)).peak("amp") == 165.2e12


def test_a_file_that_is_not_there():
    with pytest.raises(UsageError, match=r"nowhere\.yaml"):
        find_device("nowhere.yaml")


def test_a_file_that_is_no_device(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text("input: 3x4x4\n", "utf-8")
    with pytest.raises(SpecError, match=r"mine\.yaml:1:1: device: unknown key 'input'"):
        find_device(str(file))
