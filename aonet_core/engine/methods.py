"""What can be asked of an engine, read off its protocol, for engines that are far away."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aonet_core.engine.protocol import Engine

CHANGING = ("build_", "replace_", "delete_", "add_", "set_")
"""Beginnings of the names of methods that change something."""
PROGRESS = "progress"


@dataclass(frozen=True)
class Method:
    """A method of the protocol.

    Attributes:
        name: Of the method.
        signature: Its arguments, without the engine itself.
        meaning: Its docstring.
    """

    name: str
    signature: inspect.Signature
    meaning: str

    @property
    def tells_progress(self) -> bool:
        """Whether it may take long and says how far it is."""
        return PROGRESS in self.signature.parameters

    @property
    def repeatable(self) -> bool:
        """Whether asking twice does no more than asking once."""
        return not self.name.startswith(CHANGING)

    @property
    def batched(self) -> bool:
        """Whether several callers' pictures can go through the network together."""
        return self.name in ("analyze", "embed")

    def arguments(self, args: tuple, kwargs: Mapping[str, object]) -> dict[str, object]:
        """Return the arguments of a call by name, as far as they were given.

        Raises:
            TypeError: They do not fit the method.
        """
        try:
            return dict(self.signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise TypeError(f"{self.name}: {error}") from None

    def paths(self, arguments: Mapping[str, object]) -> list[Path]:
        """Return the arguments that name files or folders of a machine."""
        parameters = self.signature.parameters
        return [
            Path(value)
            for name, value in arguments.items()
            if "Path" in str(parameters[name].annotation) and isinstance(value, str | Path)
        ]


@cache
def methods() -> Mapping[str, Method]:
    """All methods of the protocol, by name."""
    found = {}
    for name, function in inspect.getmembers(Engine, inspect.isfunction):
        if not name.startswith("_"):
            signature = inspect.signature(function)
            own = list(signature.parameters.values())[1:]
            meaning = inspect.getdoc(function) or ""
            found[name] = Method(name, signature.replace(parameters=own), meaning)
    return found
