"""Readers of what somebody else's file names open it by `aonet_core.trust` alone.

Every other module of the core that opens or lists files by itself is named here with what it opens:
its own files, those that come with the project, or those that the user names on the command line.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CALLS = {"read_bytes", "read_text", "read_table", "scandir", "walk", "iterdir", "glob", "rglob"}
BY_THEMSELVES = {
    "aonet_core/trust.py": "the functions that everybody else uses",
    "aonet_core/cli.py": "the device that takes what nobody reads",
    "aonet_core/files.py": "what it has just written",
    "aonet_core/data/tree.py": "folders, to list them",
    "aonet_core/data/archives.py": "parts of an archive, under numbers of its own",
    "aonet_core/gallery/registry.py": "the check sums that come with the samples",
    "aonet_core/cache.py": "computed files of its own, under digests",
    "aonet_core/gallery/listing.py": "folders of galleries, by names that are checked",
    "aonet_core/gallery/retention.py": "folders of galleries",
    "aonet_core/commands/gallery_search.py": "the picture that the user names",
    "aonet_core/engine/serving.py": "what killed servers left behind",
    "aonet_core/model/checkpoint.py": "shipped checkpoints, or the one that the user names",
    "aonet_core/occlusion/shipped.py": "shipped occluders, by a table and their digests",
    "aonet_core/reports/runs.py": "runs of its own",
    "aonet_core/gallery/index_card.py": "a gallery's own files",
    "aonet_core/gallery/records.py": "a gallery's own files",
    "aonet_core/gallery/feature_file.py": "a gallery's own files",
    "aonet_core/training/recipe.py": "shipped recipes, or the one that the user names",
    "aonet_core/training/run.py": "a run's own files",
    "aonet_core/training/trainer.py": "a run's own files",
}
MODES = {"r", "w", "a", "x", "rb", "wb", "ab", "xb", "r+b"}


def openers(source):
    """Lines of a module in which a file is opened, or a folder listed, by the language itself."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        owner = getattr(getattr(function, "value", None), "id", "")
        mode = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        by_path = isinstance(function, ast.Attribute) and (not node.args or mode in MODES)
        opens = name == "open" and (isinstance(function, ast.Name) or owner == "os" or by_path)
        if opens or name in CALLS and owner != "ast" and not (name == "walk" and owner != "os"):
            yield node.lineno


MODULES = [
    path
    for path in sorted((ROOT / "aonet_core").rglob("*.py"))
    if "synthetic" not in path.parts  # it writes data sets, and reads none
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_are_opened_in_one_place(path):
    lines = list(openers(path.read_text(encoding="utf-8")))
    if path.relative_to(ROOT).as_posix() not in BY_THEMSELVES:
        assert not lines, f"lines {lines} open files: use aonet_core.trust, or say here what opens"


@pytest.mark.parametrize(
    "code",
    [
        "open('x')",
        "Path(x).open()",
        "x.open('rb')",
        "x.read_text()",
        "os.open(x, 1)",
        "x.rglob('*')",
    ],
)
def test_openers_are_seen(code):
    assert list(openers(code)) == [1]
    assert not list(openers("zipped.open(entry)\nImage.open(file)\nfor n in ast.walk(t): pass"))
