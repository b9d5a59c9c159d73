"""The package's requirements agree with the files that are installed by hand, and with imports."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

from aonet_core.extras import EXTRAS, PACKAGE
from aonet_core.files import shipped_path

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = CONFIGURATION["project"]
DISTRIBUTIONS = {
    "PIL": "pillow",
    "yaml": "pyyaml",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "pytorch_lightning": "pytorch-lightning",
    "llvmlite": "numba",
    "starlette": "ray",
}
"""Which distribution brings a module, where their names differ."""
NOT_AT_RUN_TIME = {"anny", "ai_edge_litert"}
"""Modules of scripts that made or measured what is shipped; each says how to install them."""


def listed(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith(("#", "-r"))}


def extra(name):
    """All that an extra brings, those that it names included."""
    found = set()
    for each in PROJECT["optional-dependencies"][name]:
        inner = re.fullmatch(rf"{PACKAGE}\[(.+)\]", each)
        found |= set().union(*map(extra, inner[1].split(","))) if inner else {each}
    return found


def distributions(requirements):
    return {re.match(r"[\w.-]+", each)[0] for each in requirements}


def test_the_files_and_the_package_require_the_same():
    base = set(PROJECT["dependencies"])
    everything = base | extra("app") | extra("serve") | extra("train") | extra("synth")
    assert listed("requirements.txt") == everything
    assert listed("requirements-dev.txt") == extra("dev") - everything


@pytest.mark.parametrize("name", EXTRAS)
def test_an_extra_brings_the_modules_it_is_named_for(name):
    brought = distributions(extra(name)) - distributions(PROJECT["dependencies"])
    assert {DISTRIBUTIONS.get(module, module) for module in EXTRAS[name]} <= brought


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


def test_every_import_comes_with_the_package_or_an_extra_that_is_told():
    files = [*(ROOT / "aonet_core").rglob("*.py"), *(ROOT / "app").rglob("*.py")]
    used = {module for path in files for module in imports(path)}
    used -= {"aonet_core", "app"} | set(sys.stdlib_module_names) | NOT_AT_RUN_TIME
    base = distributions(PROJECT["dependencies"])
    told = {module for modules in EXTRAS.values() for module in modules}
    assert {each for each in used if DISTRIBUTIONS.get(each, each) not in base} <= told


def test_what_is_shipped_is_where_it_is_looked_for():
    wheel = CONFIGURATION["tool"]["hatch"]["build"]["targets"]["wheel"]
    inside = "aonet_core/shipped/"
    for place in (wheel["sources"], wheel["force-include"]):
        for source, target in place.items():
            assert target == inside + source and shipped_path(source).exists()
    assert not (ROOT / inside).exists()
    assert {each for each in wheel["only-include"] if each != "aonet_core"} == set(wheel["sources"])


def test_the_command_is_there():
    module, function = PROJECT["scripts"]["aonet"].split(":")
    assert callable(getattr(__import__(module, fromlist=[function]), function))
