"""A run is resumed with the data that it has learnt from, and with no others."""

import shutil

import pytest
import torch
from PIL import Image

from aonet_core.cli import main
from aonet_core.data import read_dataset
from aonet_core.training import train


@pytest.fixture(scope="module")
def begun(noise_set, tmp_path_factory):
    """A run of one epoch, its recipe's words on the command line and its data."""
    out = tmp_path_factory.mktemp("begun")
    words = ["train", "--config", "base_gap", "--epochs", "1", "--out", str(out), "--resume"]
    settings = {"backbone": "resnet18", "image_size": [64, 32], "backbone_weights": "none"}
    settings |= {"identities": 2, "images": 2, "workers": 0}
    for name, value in settings.items():
        words += ["--set", f"{name}={value}"]
    assert main([word for word in words if word != "--resume"] + ["--data", str(noise_set)]) == 0
    return out, words


@pytest.fixture
def copy(noise_set, tmp_path):
    return shutil.copytree(noise_set, tmp_path / "elsewhere" / "market1501")


def forget(out, tmp_path):
    """A copy of a run as they were before the data were noted."""
    old = shutil.copytree(out, tmp_path / "old")
    kept = torch.load(old / "last.ckpt", weights_only=True)
    del kept["IdentityBatches"]["data"]
    torch.save(kept, old / "last.ckpt")
    return old


def add_a_person(data):
    for path in sorted((data / "bounding_box_train").glob("0001*")):
        Image.open(path).rotate(180).save(path.with_name(path.name.replace("0001", "0009")))


def show_others(data):
    for path in (data / "bounding_box_train").iterdir():
        Image.open(path).rotate(180).save(path)


def swap_names(data):
    folder = data / "bounding_box_train"
    for number, other in (("0001", "tmp1"), ("0002", "0001"), ("tmp1", "0002")):
        for path in list(folder.glob(f"{number}*")):
            path.rename(path.with_name(path.name.replace(number, other)))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (add_a_person, "train_images was 20, got 24; train_identities was 5, got 6; fingerprint"),
        (show_others, "trained on other data: fingerprint was"),
        (swap_names, "trained on other data: fingerprint was"),
    ],
)
def test_other_data_are_refused_in_one_sentence(begun, copy, capsys, change, told):
    out, words = begun
    before = (out / "last.ckpt").read_bytes()
    change(copy)
    assert main([*words, "--data", str(copy)]) == 2
    said = capsys.readouterr().err.strip()
    assert told in said and "\n" not in said
    assert said.endswith("resume it with the data it began with, or choose another --out")
    assert (out / "last.ckpt").read_bytes() == before


def test_the_same_data_may_lie_elsewhere(begun, copy):
    out, words = begun
    assert main([*words, "--data", str(copy)]) == 0


def test_a_run_from_before_goes_on_and_says_what_is_not_checked(
    begun, copy, tmp_path, capsys, caplog
):
    out, words = begun
    old = forget(out, tmp_path)
    words = [str(old) if word == str(out) else word for word in words]
    assert main([*words, "--data", str(copy)]) == 0
    assert "begun before the data were noted" in caplog.text
    old = shutil.rmtree(old) or forget(out, tmp_path)
    add_a_person(copy)
    assert main([*words, "--data", str(copy)]) == 2
    assert "trained on other data: train_identities was 5, got 6" in capsys.readouterr().err


def test_the_card_carries_the_fingerprint(recipe, noise_set, copy, tmp_path):
    path = train(recipe(epochs=1), tmp_path / "run", progress=False)
    expected = read_dataset(noise_set, splits=("train",)).fingerprint()
    assert expected in path.with_suffix(".json").read_text()
    assert read_dataset(copy, splits=("train",)).fingerprint() == expected


def test_a_missing_picture_has_no_fingerprint(copy):
    dataset = read_dataset(copy, splits=("train",))
    dataset.train[3].path.unlink()
    with pytest.raises(FileNotFoundError, match="0001_c4s1_000003_00.jpg is missing"):
        dataset.fingerprint()
