"""Importing what is large: on first use, and without garbage collection meanwhile."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def lazy_names(package: str, sources: dict[str, str]) -> Callable[[str], Any]:
    """Return a module-level `__getattr__` (PEP 562) for `package`.

    Args:
        package: The package's `__name__`.
        sources: Maps each public name to the module that defines it.
    """

    def __getattr__(name: str) -> Any:
        if name not in sources:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with uncollected():
            return getattr(import_module(sources[name]), name)

    return __getattr__


@contextmanager
def uncollected() -> Iterator[None]:
    """Import without garbage collection, and let it pass over what there is from then on.

    PyTorch and UMAP bring some 600,000 objects that live as long as the process. Collecting while
    they are imported costs a fifth of the time; going through them later, as Streamlit has it done
    after every run of a page, half a second each time.
    """
    enabled, before = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > before:
            gc.freeze()
        if enabled:
            gc.enable()
