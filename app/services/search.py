"""What the occlusion lab asks for that takes a while: sweeps, attributions, counterfactuals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

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
from app.services.jobs import Work

GALLERY = "sample"


def sweep(key: str, spec: SweepSpec, other: str) -> Work[Sweep]:
    """Hide one place of a picture after the other.

    Raises:
        UserError: A picture is not there; when it works, that the places do not fit the picture.
    """
    image, target = services.photo(key).image, _other(other)

    def work(progress: Progress) -> Sweep:
        return services.ask(
            lambda engine: engine.sweep(image, spec, target(), maps=True, progress=progress)
        )

    return work


def attributions(
    key: str, target: Target, methods: Sequence[str], other: str, fill: Fill, window: int
) -> Work[dict[str, Attribution]]:
    """Map by several methods how much hiding each place of a picture lowers the target.

    Returns:
        Yields the `Attribution` by method of those that are done, one more each time.

    Raises:
        UserError: A picture is not there; when it works, that target, method and window do not go
            together.
    """
    image, match = services.photo(key).image, _other(other)

    def one(method: str, progress: Progress) -> Attribution:
        return services.ask(
            lambda engine: engine.attribute(
                image, target, method, match(), fill, window, progress=progress
            )
        )

    def work(progress: Progress) -> Iterator[dict[str, Attribution]]:
        by_method: dict[str, Attribution] = {}
        for number, method in enumerate(methods):
            by_method |= {method: one(method, part(progress, number, len(methods)))}
            yield dict(by_method)

    return work


def part(progress: Progress, number: int, of: int) -> Progress:
    """Tell of one of several equal parts of the whole, in percent."""
    return lambda done, total: progress(round(100 * (number + done / max(1, total)) / of), 100)


def counterfactual(key: str, fill: Fill) -> Work[Counterfactual]:
    """The least whose hiding makes the right match fall from first place.

    Raises:
        UserError: The picture is not there; when it works, that there is nothing to search in.
    """
    image, (right, skip) = services.photo(key).image, matches(key)

    def work(progress: Progress) -> Counterfactual:
        return services.ask(
            lambda engine: engine.counterfactual(
                image, GALLERY, right, skip, fill, progress=progress
            )
        )

    return work


def matches(key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Gallery pictures that count as right, and those that are left out; none for uploads."""
    sample = services.samples().samples.get(key)
    if sample is None:
        return (), ()
    return services.samples().right_matches(sample), services.samples().junk(sample)


def _other(key: str) -> Callable[[], core.Embedded | None]:
    """What stands for a picture, which is at hand now; the network may look at it later."""
    photo = services.photo(key) if key else None
    return lambda: core.embedded([services.analysis_of(photo)]) if photo else None
