"""Whatever happens inside a command, its user sees one sentence and an exit status."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from aonet_core import cli
from aonet_core.errors import in_a_sentence
from aonet_core.extras import EXTRAS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fails(monkeypatch):
    """Have the command `embed` do something else."""

    def command(action):
        module = SimpleNamespace(add_arguments=lambda parser: None, run=lambda arguments: action())
        monkeypatch.setattr(cli, "import_module", lambda name: module)

    return command


def raising(error):
    def action():
        raise error

    return action


def full_disk_below():
    try:
        raise OSError(errno.ENOSPC, "No space left on device")
    except OSError as error:
        raise RuntimeError("cannot write") from error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ValueError("images must be (B, 3)"), 2, "images must be (B, 3)"),
        (ValueError("two\n  lines"), 2, "two lines"),
        (FileNotFoundError("no data set at x"), 2, "no data set at x"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 2, "Permission denied: /x"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "x"), 2, "Is a directory: x"),
        (OSError(errno.ENOSPC, "No space left on device", "x"), 2, "the disk is full, make room"),
        (RuntimeError("PytorchStreamWriter failed writing"), 2, "the disk is full, make room"),
        (OSError("the disk of runs is full: go on with --resume"), 2, "the disk of runs is full"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), 2, "invalid start"),
        (OverflowError("int too large"), 1, "should not happen, OverflowError: int too large; "),
        (RuntimeError("CUDA error: x\nCompile with y"), 1, "RuntimeError: CUDA error: x; --verb"),
        (KeyError("embed"), 1, "KeyError: 'embed'; --verbose shows where"),
        (AssertionError(), 1, "AssertionError: without a word"),
        (RecursionError("maximum recursion depth exceeded"), 1, "RecursionError: maximum"),
        (ZeroDivisionError("division by zero"), 1, "ZeroDivisionError: division by zero"),
        (MemoryError(), 1, "there is not enough memory, try fewer at a time: none is left"),
        (ModuleNotFoundError("x", name="ray.serve"), 2, "pip install 'aonet-lens[serve]'"),
        (ModuleNotFoundError("No module named 'y'", name="y"), 1, "No module named 'y'"),
        (KeyboardInterrupt(), 130, "stopped by the user"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_an_error_of_any_kind_is_one_sentence(fails, capsys, error, status, said):
    fails(raising(error))
    assert cli.main(["embed"]) == status
    printed = capsys.readouterr()
    assert printed.err.startswith("embed: ") and said in printed.err
    assert printed.err.count("\n") == 1 and printed.out == ""


def test_what_led_to_an_error_counts(fails, capsys):
    fails(full_disk_below)
    assert cli.main(["embed"]) == 2
    assert "the disk is full, make room and try again (cannot write)" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--verbose", "embed"], ["embed", "--verbose"]])
def test_the_log_with_the_traceback_is_there_for_the_asking(fails, caplog, words):
    fails(raising(OverflowError("int too large")))
    assert cli.main(["embed"]) == 1
    assert "raise error" not in caplog.text
    assert cli.main(words) == 1
    assert "Traceback" in caplog.text and "raise error" in caplog.text
    assert cli.main(["embed"]) == 1
    assert caplog.text.count("Traceback") == 1


def test_a_library_that_is_missing_is_named_with_what_brings_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "streamlit", None)
    monkeypatch.setattr("aonet_core.commands.app.find_spec", lambda name: None)
    assert cli.main(["app"]) == 2
    assert "needs streamlit, which is not installed: pip install 'aonet-lens[app]'\n" in (
        capsys.readouterr().err
    )
    for extra, modules in EXTRAS.items():
        for module in modules:
            error = ModuleNotFoundError(name=f"{module}.part")
            assert f"'aonet-lens[{extra}]'" in in_a_sentence(error)


def test_the_application_takes_this_process_over(monkeypatch, tmp_path):
    taken = []
    monkeypatch.setattr(os, "execv", lambda program, words: taken.append(words))
    monkeypatch.setenv("AONET_SAMPLES", "")
    assert cli.main(["app", "--port", "8765", "--samples", str(tmp_path)]) == 0
    assert taken[0][1:4] == ["-m", "streamlit", "run"] and Path(taken[0][4]).is_file()
    assert taken[0][5:] == ["--server.address", "localhost", "--server.port", "8765"]
    assert os.environ["AONET_SAMPLES"] == str(tmp_path)


PROGRAM = """
import sys, time
from types import SimpleNamespace
from aonet_core import cli

def run(arguments):
    {body}
    return 0

module = SimpleNamespace(add_arguments=lambda parser: None, run=run)
cli.import_module = lambda name: module
sys.exit(cli.main(["embed"]))
"""
MANY = "print('x' * 80 + '\\n' * 9, end='') or [print('y' * 80) for _ in range(9999)]"


def started(body, **options):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(body=body)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("body", [MANY, "print('one line')"])
def test_a_reader_that_goes_away_is_no_error(body, unbuffered):
    reading, writing = os.pipe()
    os.close(reading)
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    process = started(body, stdout=writing, env=environment)
    os.close(writing)
    _, said = process.communicate(timeout=60)
    assert process.returncode == cli.UNREAD and said == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
def test_output_to_a_full_disk_is_told_once():
    with open("/dev/full", "w") as full:
        process = started("print('one line')", stdout=full)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said.startswith("embed: the disk is full, make room") and said.count("\n") == 1


def test_control_c_ends_a_command():
    process = started("print('there', flush=True) or time.sleep(60)", stdout=subprocess.PIPE)
    assert process.stdout.readline() == "there\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and said == "embed: stopped by the user\n"
