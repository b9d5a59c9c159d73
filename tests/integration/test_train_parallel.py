"""Two processes against one that sees the whole batch."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from aonet_core.training.run import read_history

from .conftest import make_noise_set

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def trained(data, out, devices):
    """Run `parallel_run.py`; return its history and last checkpoint."""
    process = subprocess.run(
        [sys.executable, ROOT / "tests/integration/parallel_run.py", data, out, str(devices)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.returncode == 0, process.stderr
    assert ("MEMBER: 2/2" in process.stderr) == (devices == 2)
    return read_history(out), torch.load(out / "last.ckpt", weights_only=True)


def difference(first, second):
    """Distance of two tensors, relative to the size of the first."""
    return ((first - second).norm() / first.norm().clamp_min(1e-6)).item()


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parallel")
    data = make_noise_set(folder / "market1501", 8, 8)
    return [(folder / str(n), *trained(data, folder / str(n), n)) for n in (1, 2)]


def test_two_processes_learn_what_one_does(runs):
    (_, expected, whole), (_, got, halves) = runs
    assert len(expected) == 8 and expected["loss"].std() > 0.1
    for name in ("loss", "identity", "orthogonal", "awareness", "learning_rate"):
        np.testing.assert_allclose(got[name], expected[name], rtol=1e-5, err_msg=name)
    assert whole["state_dict"].keys() == halves["state_dict"].keys()
    for name, tensor in whole["state_dict"].items():
        assert difference(tensor, halves["state_dict"][name]) < 1e-5, name
    # The optimiser's momentum is a sum of the gradients of all steps.
    buffers = [run["optimizer_states"][0]["state"] for run in (whole, halves)]
    sizes = [each["momentum_buffer"].norm() for each in buffers[0].values()]
    assert min(sizes) > 0
    for index, state in buffers[0].items():
        second = buffers[1][index]["momentum_buffer"]
        assert difference(state["momentum_buffer"], second) < 5e-3, index


def test_the_memory_is_the_mean_over_both_processes(runs):
    memories = [run["state_dict"]["model.memory.vectors"] for _, _, run in runs]
    assert memories[0].norm() > 0.1
    assert difference(*memories) < 1e-5


def test_only_the_first_process_writes(runs):
    names = [sorted(path.name for path in out.rglob("*") if path.is_file()) for out, _, _ in runs]
    events = [[name for name in each if name.startswith("events")] for each in names]
    assert [len(each) for each in events] == [1, 1]
    plain = [set(each) - set(skip) for each, skip in zip(names, events, strict=True)]
    assert plain[0] == plain[1] >= {"last.ckpt", "model.safetensors", "history.csv"}
    assert len(names[0]) == len(names[1])
