"""What can be asked of an engine, read off its protocol, for engines that are far away."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from aonet_core.engine.machine_path import OnTheMachine
from aonet_core.engine.protocol import Engine

CHANGING = ("build_", "replace_", "delete_", "add_", "set_")
"""Beginnings of the names of methods that change something."""
LONG = ("build_gallery", "evaluate", "project", "place", "atlas", "adapt")
"""Methods that may take minutes: they look at whole galleries, or make what others wait for."""
PROGRESS = "progress"
ADAPTATION = "adaptation"
"""What any request may bring besides the arguments of its method: the network to answer with."""
LOCAL = ("adapted",)
"""What an engine far away does by itself."""
HINTED = {"Image": Image, "np": np}
"""What some parts of the protocol import for their hints alone."""


@dataclass(frozen=True)
class Method:
    """A method of the protocol.

    Attributes:
        name: Of the method.
        signature: Its arguments, without the engine itself.
        meaning: Its docstring.
        function: The method itself.
    """

    name: str
    signature: inspect.Signature
    meaning: str
    function: Callable

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

    @property
    def long(self) -> bool:
        """Whether it may take minutes."""
        return self.name in LONG

    @cached_property
    def hints(self) -> Mapping[str, object]:
        """The types of its arguments, with what is said of them beyond that."""
        return typing.get_type_hints(self.function, None, HINTED, include_extras=True)

    def arguments(self, args: tuple, kwargs: Mapping[str, object]) -> dict[str, typing.Any]:
        """Return the arguments of a call by name, as far as they were given.

        Raises:
            TypeError: They do not fit the method.
        """
        try:
            return dict(self.signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise TypeError(f"{self.name}: {error}") from None

    def paths(self, arguments: Mapping[str, object]) -> list[Path]:
        """Return the arguments that name files or folders of the engine's machine."""
        return [
            Path(value)
            for name, value in arguments.items()
            if isinstance(value, str | Path) and _is_marked(self.hints[name])
        ]


def _is_marked(hint: object) -> bool:
    """Whether a type, or one of those that it is made of, is marked `OnTheMachine`."""
    marks = getattr(hint, "__metadata__", ())
    if any(isinstance(each, OnTheMachine) for each in marks):
        return True
    return any(map(_is_marked, typing.get_args(hint)))


@cache
def methods() -> Mapping[str, Method]:
    """All methods of the protocol, by name."""
    by_name = {}
    for name, function in inspect.getmembers(Engine, inspect.isfunction):
        if not name.startswith("_") and name not in LOCAL:
            signature = inspect.signature(function)
            own = list(signature.parameters.values())[1:]
            meaning = inspect.getdoc(function) or ""
            by_name[name] = Method(name, signature.replace(parameters=own), meaning, function)
    return by_name
