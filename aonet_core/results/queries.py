"""Query sets that come with their pictures: plain values, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Queries:
    """Uploaded pictures to be searched for.

    Attributes:
        images: (Q,) pictures.
        pids: (Q,) identities as in the gallery; 0 where unknown.
        camids: (Q,) cameras as in the gallery, 0 where unknown; empty for none known.
        names: (Q,) what to call them; numbered by default.
        name: Of the set.
    """

    images: Sequence[Image.Image]
    pids: Sequence[int]
    camids: Sequence[int] = ()
    names: Sequence[str] = ()
    name: str = "uploads"

    def __post_init__(self) -> None:
        """Fill in cameras and names.

        Raises:
            ValueError: Lengths differ, there is no picture, or a name comes twice.
        """
        count = len(self.images)
        names = tuple(self.names) or tuple(f"picture {n + 1}" for n in range(count))
        for field, value in (
            ("images", tuple(self.images)),
            ("pids", tuple(map(int, self.pids))),
            ("camids", tuple(map(int, self.camids)) or (0,) * count),
            ("names", names),
        ):
            object.__setattr__(self, field, value)
            if len(value) != count or not count:
                raise ValueError(
                    f"queries need as many {field} as pictures, and one at least, got "
                    f"{len(value)} and {count}"
                )
        if len(set(names)) < count:
            raise ValueError(f"names of queries must differ, got {len(set(names))} for {count}")
