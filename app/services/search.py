"""What the occlusion lab asks for that takes a while: sweeps, attributions, counterfactuals."""

from __future__ import annotations

from collections.abc import Callable

from aonet_core import engine as core
from aonet_core.engine import (
    Attribution,
    Counterfactual,
    Fill,
    Progress,
    Sweep,
    SweepSpec,
    Target,
)
from app import services

GALLERY = "sample"


def sweep(key: str, spec: SweepSpec, other: str, progress: Progress) -> Sweep:
    """Hide one place of a picture after the other.

    Raises:
        UserError: The places do not fit the picture, or something is not there.
    """
    return _asked(
        lambda engine, image: engine.sweep(
            image, spec, _embedded(other), maps=True, progress=progress
        ),
        key,
    )


def attribute(
    key: str, target: Target, method: str, other: str, fill: Fill, window: int, progress: Progress
) -> Attribution:
    """Map how much hiding each place of a picture lowers the target.

    Raises:
        UserError: Target, method and window do not go together, or something is not there.
    """
    return _asked(
        lambda engine, image: engine.attribute(
            image, target, method, _embedded(other), fill, window, progress=progress
        ),
        key,
    )


def counterfactual(key: str, fill: Fill, progress: Progress) -> Counterfactual:
    """The least whose hiding makes the right match fall from first place.

    Raises:
        UserError: There is nothing to search in, or something is not there.
    """
    right, skip = matches(key)
    return _asked(
        lambda engine, image: engine.counterfactual(
            image, GALLERY, right, skip, fill, progress=progress
        ),
        key,
    )


def matches(key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Gallery pictures that count as right, and those that are left out; none for uploads."""
    sample = services.samples().samples.get(key)
    if sample is None:
        return (), ()
    return services.samples().right_matches(sample), services.samples().junk(sample)


def gallery_ready() -> bool:
    """Whether the gallery can be searched without embedding it first."""
    return services.engine().gallery_ready(GALLERY)


def make_gallery(progress: Progress) -> int:
    """Embed the gallery, once for each checkpoint; how many pictures it holds.

    Raises:
        UserError: It cannot be made.
    """
    return len(_asked(lambda engine, _: engine.gallery(GALLERY, progress=progress)).names)


def _embedded(key: str) -> core.Embedded | None:
    return core.embedded([services.analysis_of(services.photo(key))]) if key else None


def _asked(ask: Callable, key: str = ""):
    """What the engine answers about a picture; its refusals become sentences to show."""
    image = services.photo(key).image if key else None
    return services.ask(lambda engine: ask(engine, image))
