"""What a method's signature says of its arguments beyond their types."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated


@dataclass(frozen=True)
class OnTheMachine:
    """Marks an argument that names files or folders of the engine's machine.

    A server lets callers name those alone that were opened to them.
    """


MachinePath = Annotated[str | Path, OnTheMachine()]
"""A folder or file by its path, where the engine runs."""
