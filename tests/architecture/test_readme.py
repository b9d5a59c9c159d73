"""What the README tells people to type exists."""

import re
import subprocess
from pathlib import Path

import pytest

from aonet_core.cli import main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^make ([\w-]+)", README, re.MULTILINE))))
def test_make_targets_exist(target):
    result = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


COMMANDS = [line.split() for line in re.findall(r"^python -m aonet_core (.+)$", README, re.M)]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_commands_know_their_options(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main([words[0], "--help"])
    assert not ended.value.code
    told = capsys.readouterr().out
    for option in (word for word in words if word.startswith("--")):
        assert option in told, option


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:[a-z_]+/)+[a-z_.]*)`", README))))
def test_paths_exist(path):
    assert (ROOT / path).exists()


def test_ci_runs_a_command_that_the_readme_names():
    (command,) = re.findall(r"^make [\w-]+$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert re.search(f"^{command} ", README, re.MULTILINE)


def test_pictures_exist():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures and all((ROOT / picture).is_file() for picture in pictures)
