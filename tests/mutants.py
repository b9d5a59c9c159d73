"""How strong the tests of the equations are: `python -m tests.mutants [MODULE ...]`.

Every module of `TESTED` is changed in one small place at a time (an operator, a number, a dropped
call or argument) and its tests run against the change. A mutant that no test notices survives; the
list at the end is worth reading: each survivor is a missing test or changes nothing that counts
(docs/testing.md says which). Ends with 1 where fewer than `ENOUGH` of a module's are killed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENOUGH = 0.95
SECONDS = 120
"""Of the processor. A mutant whose tests take longer hangs: it is killed."""
WAITS = 1200
"""The same by the clock, however busy the machine is."""
TESTED = {
    "aonet_core/model/landmarks.py": (
        "tests/unit/test_landmarks.py tests/properties/test_response_properties.py "
        "tests/reference/test_model_reference.py tests/golden"
    ),
    "aonet_core/model/memory.py": (
        "tests/unit/test_memory.py tests/reference/test_model_reference.py"
    ),
    "aonet_core/losses.py": "tests/unit/test_losses.py tests/reference/test_losses_reference.py",
    "aonet_core/retrieval/similarity.py": (
        "tests/unit/test_similarity.py tests/reference/test_retrieval_reference.py "
        "tests/properties/test_retrieval_properties.py"
    ),
    "aonet_core/retrieval/metrics.py": (
        "tests/unit/test_metrics.py tests/reference/test_retrieval_reference.py "
        "tests/properties/test_retrieval_properties.py"
    ),
}
"""Modules, and the tests that must notice."""
SWAPS = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
"""Operators, and what stands in their place."""
MODULES = {"torch", "functional", "np", "math", "distributed"}
"""Names before a dot that are no object of which a method is called."""


class Mutants:
    """All mutants of a module, each with its line and what was done there."""

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.skipped = {id(node) for top in self._never() for node in ast.walk(top)}

    def __iter__(self) -> Iterator[tuple[int, str, str]]:
        """Line, description and source of every mutant."""
        for parent in ast.walk(self.tree):
            for field, value in ast.iter_fields(parent):
                for at, node in enumerate(value if isinstance(value, list) else [value]):
                    if not isinstance(node, ast.AST) or id(node) in self.skipped:
                        continue
                    for new, what in alternatives(node, field):
                        if isinstance(value, list):
                            changed = [
                                *value[:at],
                                *([] if new is None else [new]),
                                *value[at + 1 :],
                            ]
                        else:
                            changed = new
                        setattr(parent, field, changed)
                        source = ast.unparse(ast.fix_missing_locations(self.tree))
                        setattr(parent, field, value)
                        yield getattr(node, "lineno", 0), what, source

    def _never(self) -> Iterator[ast.AST]:
        """Docstrings, annotations, imports, words of errors: no test should look at those."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                yield node
            elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                yield node.exc
            elif isinstance(node, ast.FunctionDef) and node.returns:
                yield node.returns
            elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
                yield node.annotation


def alternatives(node: ast.AST, field: str) -> Iterator[tuple[ast.AST | None, str]]:
    """What may stand in a node's place, None for nothing, and words for it."""
    text = ast.unparse(node).partition("\n")[0]
    if field == "decorator_list" and not text.startswith(("dataclass", "property")):
        yield None, f"without @{text}"
    if isinstance(node, ast.keyword) and node.arg:
        yield None, f"without {text}"
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            if swap := SWAPS.get(type(operator)):
                ops = [*node.ops[:at], swap(), *node.ops[at + 1 :]]
                yield ast.Compare(node.left, ops, node.comparators), f"{swap.__name__} in {text}"
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in SWAPS:
        new = copy.copy(node)
        new.op = SWAPS[type(node.op)]()
        yield new, f"{type(new.op).__name__} in {text}"
    if isinstance(node, ast.UnaryOp):
        yield node.operand, f"no sign in {text}"
    if isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare):
        new = copy.copy(node)
        new.test = ast.UnaryOp(ast.Not(), node.test)
        yield new, f"turned {text}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if " " in node.value:
            return  # words for people
        yield ast.Constant(node.value + "?"), f"other text {text}"
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        new = not node.value if isinstance(node.value, bool) else node.value + 1
        yield ast.Constant(new), f"{new} for {text}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = node.func.value
        if not (isinstance(owner, ast.Name) and owner.id in MODULES):
            yield owner, f"without .{node.func.attr}() in {text}"
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if called or isinstance(node, ast.AugAssign | ast.Raise):
        yield ast.Pass(), f"without {text}"


class Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another source."""

    def __init__(self, name: str, source: str, path: Path) -> None:
        self.name, self.source, self.path = name, source, path

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            return importlib.util.spec_from_loader(name, self, origin=str(self.path))
        return None

    def exec_module(self, module):
        exec(compile(self.source, str(self.path), "exec"), module.__dict__)


def killed(module: str, source: str) -> bool:
    """Whether a test fails with this source in the module's place; runs in a fork."""
    child = os.fork()
    if not child:
        _test(module, source)
    end = time.monotonic() + WAITS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return True


def _test(module: str, source: str) -> None:
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1), os.dup2(nowhere, 2)
    name = module.removesuffix(".py").replace("/", ".")
    sys.meta_path.insert(0, Instead(name, source, ROOT / module))
    words = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=mutants"]
    try:
        os._exit(int(pytest.main([*words, *TESTED[module].split()]) != 0))
    except BaseException:
        os._exit(1)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="paths of modules; all by default")
    chosen = parser.parse_args(arguments).modules or list(TESTED)
    os.chdir(ROOT)
    os.environ["OMP_NUM_THREADS"] = "1"
    # What takes long to import is imported once, before every fork.
    import hypothesis  # noqa: F401
    import pandas  # noqa: F401
    import pytest  # noqa: F401
    import scipy.spatial  # noqa: F401
    import sklearn.metrics  # noqa: F401
    import torch

    torch.set_num_threads(1)
    weak = False
    for module in chosen:
        source = (ROOT / module).read_text(encoding="utf-8")
        if killed(module, source):
            raise SystemExit(f"the tests of {module} fail without any change")
        survivors, count = [], 0
        for line, what, mutant in Mutants(source):
            count += 1
            if not killed(module, mutant):
                survivors.append((line, what))
                print(f"{module}:{line}: {what}", flush=True)
        share = 1 - len(survivors) / count
        weak |= share < ENOUGH
        print(f"{module}: {count - len(survivors)} of {count} killed, {share:.1%}", flush=True)
    return int(weak)


if __name__ == "__main__":
    sys.exit(main())
