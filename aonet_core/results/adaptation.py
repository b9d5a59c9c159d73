"""A network of somebody's own: what sets it apart from the one that it comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aonet_core.kinds import check_kind, read_json

LARGEST = 16 << 20
"""Bytes of all arrays together; that of the shipped network's landmark head is .6 MB."""
MAX_ARRAYS = 256
"""Arrays."""
FORMAT = "aonet adaptation"
NUMBERS = ("awareness_before", "awareness", "average_logit_before", "average_logit")
CARD = {
    "adapted": {
        "landmarks": [{**dict.fromkeys(NUMBERS, float), "average_logit_interval": [float]}],
        "notes": [str], "pictures": float, "parent": {"checkpoint": str}, "source?": str,
    },
    "familiar?": dict,
}  # fmt: skip
"""What is read of its card, as `aonet_core.kinds.check_kind` takes it."""


@dataclass(frozen=True)
class Adaptation:
    """What was measured or learnt anew, and nothing of the pictures that it was measured on.

    Attributes:
        parent: SHA-256 of the weights of the checkpoint that it belongs to.
        arrays: What takes the place of the parent's weights and buffers, float32, by their names
            there, such as `memory.vectors` (K, C).
        card: What a checkpoint's card says of it: under `adapted` how many pictures there were and
            what each landmark's reference was before and after, under `familiar` what it knows.
    """

    parent: str
    arrays: Mapping[str, np.ndarray]
    card: dict

    def __post_init__(self) -> None:
        """Refuse what cannot be part of a network.

        Raises:
            ValueError: The arrays are none, too many, too large, not float32 or not finite.
        """
        if not 1 <= len(self.arrays) <= MAX_ARRAYS:
            raise ValueError(f"an adaptation has 1 to {MAX_ARRAYS} arrays, got {len(self.arrays)}")
        if (size := sum(each.nbytes for each in self.arrays.values())) > LARGEST:
            raise ValueError(f"an adaptation has at most {LARGEST} bytes, got {size}")
        for name, array in self.arrays.items():
            if array.dtype != np.float32 or not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite float32, got {array.dtype} or not finite")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all but the card; identifies what results belong to."""
        content = hashlib.sha256(self.parent.encode())
        for name in sorted(self.arrays):
            array = np.ascontiguousarray(self.arrays[name])
            content.update(repr((name, array.shape)).encode())
            content.update(array.tobytes())
        return content.hexdigest()

    @property
    def adapted(self) -> dict:
        """What its card says of how it came about."""
        return self.card["adapted"]

    def check_parent(self, digest: str) -> None:
        """Refuse another checkpoint than the one that it belongs to, by the digest of its weights.

        Raises:
            ValueError: It is another.
        """
        if digest != self.parent:
            raise ValueError(
                "the adapted network belongs to another checkpoint: expected "
                f"{self.parent[:12]}, got {digest[:12]}"
            )

    def to_bytes(self) -> bytes:
        """Write it as a safetensors file."""
        from safetensors.numpy import save

        metadata = {"parent": self.parent, "card": json.dumps(self.card)}
        arrays = {name: np.ascontiguousarray(each) for name, each in self.arrays.items()}
        return save(arrays, {"format": FORMAT, **metadata})

    @classmethod
    def from_bytes(cls, content: bytes) -> Adaptation:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: It is no such file.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            arrays = load(content)
            length = int.from_bytes(content[:8], "little")
            metadata = read_json(content[8 : 8 + length].decode())["__metadata__"]
            check_kind("it", metadata, {"format": str, "parent": str, "card": str})
            if metadata["format"] != FORMAT:
                raise ValueError(metadata["format"])
            card = read_json(metadata["card"])
            check_kind("its card", card, CARD)
            rows = card["adapted"]["landmarks"]
            if len(rows) > MAX_ARRAYS or any(
                len(row["average_logit_interval"]) != 2 for row in rows
            ):
                raise ValueError("landmarks")
        except (SafetensorError, LookupError, TypeError, ValueError) as error:
            raise ValueError("the file is no adapted network of this application") from error
        return cls(metadata["parent"], arrays, card)
