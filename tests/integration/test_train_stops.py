"""What ends a run early: kills, a full disk, bad data; nothing written before is lost."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pandas as pd
import pytest
import torch
from pytorch_lightning import Callback
from safetensors import SafetensorError

from aonet_core import load_checkpoint
from aonet_core.cli import main
from aonet_core.data import batches
from aonet_core.training import run, train
from aonet_core.training.run import read_history

from .conftest import SMALL, make_noise_set

ROOT = Path(__file__).resolve().parents[2]
EPOCH = 24  # steps: 8 identities of 12 images, 2 x 2 a step


@pytest.fixture(scope="module")
def larger_set(tmp_path_factory):
    return make_noise_set(tmp_path_factory.mktemp("data") / "market1501", 8, 12, validation=True)


def words(data, out, *more, epochs=3):
    settings = SMALL | {"identities": 2, "images": 2, "occluded_images": 2}
    settings |= {"backbone_weights": "none", "validate_every": 1, "workers": 1}
    result = ["train", "--config", "aonet_lens", "--data", str(data), "--out", str(out)]
    result += ["--epochs", str(epochs)]
    for name, value in settings.items():
        result += ["--set", f"{name}={value}"]
    return [*result, *more]


def last_step(out):
    """The last step that a run has logged; -1 before the first."""
    try:
        return read_history(out).index.max() if (out / "last.ckpt").is_file() else -1
    except (ValueError, OSError, KeyError):  # a file that is just being written
        return -1


def command(arguments, out, step=None, sign=None):
    """Run a command, send it a signal once it is past a step, return its status and words."""
    process = subprocess.Popen(
        [sys.executable, "-m", "aonet_core", *arguments],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    if sign is not None:
        while last_step(out) < step and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(sign)
    _, said = process.communicate(timeout=600)
    return process.returncode, said


def same_network(first, second):
    networks = [load_checkpoint(path)[0].state_dict() for path in (first, second)]
    return all(torch.equal(networks[0][name], networks[1][name]) for name in networks[0])


@pytest.mark.long
def test_a_killed_run_goes_on_as_if_nothing_had_happened(larger_set, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert command(words(larger_set, whole), whole)[0] == 0
    status, _ = command(words(larger_set, broken), broken, EPOCH + 4, signal.SIGKILL)
    assert status == -signal.SIGKILL
    done = read_history(broken).index.max() + 1
    kept = torch.load(broken / "last.ckpt", weights_only=True)["global_step"]
    assert EPOCH <= kept <= done < 3 * EPOCH and not (broken / "history.csv").exists()

    arguments = words(larger_set, broken, "--resume")
    status, said = command(arguments, broken, 2 * EPOCH + 4, signal.SIGINT)
    assert status == 130 and "Traceback" not in said
    assert said.splitlines()[-2].startswith("All whole epochs are kept, go on with: python -m")
    assert said.splitlines()[-2].endswith(f"--out {broken} --resume")

    assert command(arguments, broken)[0] == 0
    expected, got = (pd.read_csv(out / "history.csv") for out in (whole, broken))
    assert len(expected) == 3 * EPOCH
    pd.testing.assert_frame_equal(got, expected, check_exact=True)
    cards = [load_checkpoint(out / "model.safetensors")[1] for out in (whole, broken)]
    for name in ("epoch", "steps", "training", "validation", "validations", "sha256"):
        assert cards[0][name] == cards[1][name], name
    assert set(cards[0]["validations"]) == {"0", "1", "2", "3"}
    assert same_network(whole / "last.safetensors", broken / "last.safetensors")

    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(broken / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("loss")] == list(range(3 * EPOCH))


class At(Callback):
    """Does something before an epoch, counted from 0."""

    def __init__(self, epoch, action):
        self.epoch, self.action = epoch, action

    def on_train_epoch_start(self, trainer, module):
        if trainer.current_epoch == self.epoch:
            self.action()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
@pytest.mark.parametrize("name", ["last.ckpt", "model.json"])
def test_a_disk_that_fills_up_costs_one_epoch_at_most(recipe, tmp_path, name):
    def fill():
        (tmp_path / f"{name}.partial").symlink_to("/dev/full")

    settings = recipe(validate_every=1)
    growing = [{"mean_ap": 0.1 * each} for each in range(9)]
    with pytest.raises(OSError, match=f"the disk of {tmp_path} is full: .* --resume"):
        train(
            settings,
            tmp_path,
            validate=lambda _: growing.pop(0),
            callbacks=[At(1, fill)],
            progress=False,
        )
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["epoch"] == 0
    assert len(read_history(tmp_path)) == 8
    train(settings, tmp_path, resume=True, validate=lambda _: growing.pop(0), progress=False)
    assert load_checkpoint(tmp_path / "model.safetensors")[1]["epoch"] == 3


@pytest.mark.parametrize(
    "error",
    [
        SafetensorError(
            "Error while serializing: I/O error: No space left on device (os error 28)"
        ),
        RuntimeError("[enforce fail] . PytorchStreamWriter failed writing file data/0"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_every_writer_tells_of_a_full_disk(recipe, tmp_path, error):
    def fail(_):
        raise error

    with pytest.raises(OSError, match="is full: make room and go on with --resume"):
        train(recipe(), tmp_path, validate=fail, progress=False)


def test_a_run_that_would_not_fit_does_not_start(recipe, tmp_path, monkeypatch):
    usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(run.shutil, "disk_usage", lambda _: usage(2**40, 2**40, 100 * 2**20))
    with pytest.raises(OSError, match=r"needs \d+ MiB in .* the disk has only 100 MiB free"):
        train(recipe(), tmp_path, progress=False)
    assert not (tmp_path / "metrics").exists()


@pytest.mark.parametrize("workers", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_an_image_that_vanishes_ends_the_run_in_one_sentence(
    recipe, tmp_path, monkeypatch, workers
):
    monkeypatch.setattr(batches, "PRELOAD_BYTES", 0)
    data = make_noise_set(tmp_path / "market1501", 5, 4)

    def lose():
        for path in (data / "bounding_box_train").iterdir():
            path.unlink()

    out = tmp_path / "run"
    settings = recipe(data=str(data), workers=workers, pattern_start="random")
    with pytest.raises(FileNotFoundError) as caught:
        train(settings, out, callbacks=[At(1, lose)], progress=False)
    said = str(caught.value)
    assert said.startswith(f"{data}/bounding_box_train/000") and said.endswith(".jpg is missing")
    assert (out / "last.ckpt").is_file() and (out / "history.csv").is_file()


def test_too_few_images_are_refused(recipe, tmp_path, monkeypatch, capsys):
    data = make_noise_set(tmp_path / "market1501", 5, 4)
    for name in ("0002*", "0004*"):
        for path in sorted((data / "bounding_box_train").glob(name))[1:]:
            path.unlink()
    expected = (
        "2 of 5 training identities have fewer images than expected, 2, such as identity 2 with 1"
    )
    with pytest.raises(ValueError, match=expected):
        train(recipe(data=str(data)), tmp_path / "run", progress=False)
    with pytest.raises(ValueError, match="a batch needs 9 identities, market1501 has only 5"):
        train(recipe(identities=9), tmp_path / "other", progress=False)
    train(recipe(data=str(data), min_images=1, epochs=1), tmp_path / "run", progress=False)


def test_a_loss_that_diverges_ends_the_command(noise_set, tmp_path, capsys):
    more = ["--set", "learning_rate=1e30", "--set", "precision=32-true"]
    assert main(words(noise_set, tmp_path, *more)) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("train: the loss became nan at step ")
