"""Which pictures a set holds: a list of shots, drawn before anything is rendered.

What is planned depends on identities only through their position in a random stream of their own,
so that cameras, frame numbers and occluders tell nothing about who is in the picture.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

FIRST_PID = {"train": 1, "validation": 5001, "test": 7001}
FIRST_DISTRACTOR = 9001
"""Distractors have an identity of their own but pid 0, as in Market-1501."""
OCCLUDED_SHARE = {"train": 0.1, "gallery": 0.15, "query": 1.0}
"""Training is mostly holistic, as in the real occluded sets (Occluded-DukeMTMC: about 9 %)."""


NO_COUNTS = ("seed", "cameras", "images", "train_truth")


@dataclass(frozen=True)
class SetPlan:
    """The size of a set.

    Attributes:
        seed: Of the town, its people and everything else.
        train, validation, test: Number of identities in each split.
        distractors: Identities that appear in the test gallery alone.
        images: Pictures per identity.
        queries: How many of a test or validation identity's pictures are occluded queries.
        cameras: Number of cameras.
        train_truth: Write masks and twins of training pictures, too.
    """

    seed: int = 1
    train: int = 400
    validation: int = 40
    test: int = 100
    distractors: int = 20
    images: int = 12
    queries: int = 3
    cameras: int = 6
    train_truth: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes that make no set.

        Raises:
            ValueError: Too few or too many of something; the message says what was expected.
        """
        counts = {k: v for k, v in asdict(self).items() if k not in NO_COUNTS}
        if min(counts.values()) < 0 or self.train + self.validation + self.test == 0:
            raise ValueError(
                "a set needs at least one identity and no negative counts, got "
                + ", ".join(f"{name} {count}" for name, count in counts.items())
            )
        if self.train > 4999 or max(self.validation, self.test) > 1999 or self.distractors > 999:
            raise ValueError(
                "at most 4999 training, 1999 validation, 1999 test identities and 999 distractors "
                f"fit the naming, got {self.train}, {self.validation}, {self.test}, "
                f"{self.distractors}"
            )
        if self.seed < 0:
            raise ValueError(f"seed must be 0 or more, got {self.seed}")
        if not 1 <= self.cameras <= 9:
            raise ValueError(f"cameras must be 1 to 9, got {self.cameras}")
        evaluated = self.validation + self.test > 0
        if evaluated and (self.cameras < 2 or self.images < self.queries + 2):
            raise ValueError(
                "queries need gallery pictures by another camera: expected at least 2 cameras and "
                f"{self.queries + 2} images, got {self.cameras} and {self.images}"
            )
        if self.images < 1:
            raise ValueError(f"images must be at least 1, got {self.images}")

    def to_dict(self) -> dict:
        """Return the fields as plain JSON types; `train_truth` only where it is asked for."""
        values = asdict(self)
        return (
            values if self.train_truth else {k: v for k, v in values.items() if k != "train_truth"}
        )


@dataclass(frozen=True)
class Shot:
    """One picture to take.

    Attributes:
        split, role: "train" | "validation" | "test", and "train" | "query" | "gallery".
        number: Identity to render.
        pid: Identity as the file name tells it: `number`, or 0 for a distractor.
        camid: Camera, from 1 on.
        index: Position among the identity's pictures.
        frame: Frame number in the file name; means nothing.
        occluded: Whether something is to stand in front.
    """

    split: str
    role: str
    number: int
    pid: int
    camid: int
    index: int
    frame: int
    occluded: bool

    @property
    def name(self) -> str:
        """File name in the manner of Market-1501."""
        return f"{self.pid:04d}_c{self.camid}s1_{self.frame:06d}_{self.index:02d}.jpg"

    @property
    def file(self) -> str:
        """Path below the set's folder."""
        folder = {
            "train": "bounding_box_train",
            "query": "query",
            "gallery": "bounding_box_test",
        }[self.role]
        prefix = "validation/" if self.split == "validation" else ""
        return f"{prefix}{folder}/{self.name}"


def plan_shots(plan: SetPlan) -> list[Shot]:
    """List every picture of a set."""
    shots = []
    for split in ("train", "validation", "test"):
        for offset in range(getattr(plan, split)):
            shots += _plan_identity(plan, split, FIRST_PID[split] + offset)
    for offset in range(plan.distractors if plan.test else 0):
        shots += _plan_identity(plan, "test", FIRST_DISTRACTOR + offset, distractor=True)
    names = {shot.file for shot in shots}
    if len(names) != len(shots):
        raise ValueError("two pictures drew the same name; choose another seed")
    return shots


def _plan_identity(plan: SetPlan, split: str, number: int, distractor=False) -> list[Shot]:
    rng = np.random.default_rng([plan.seed, 3, number])
    rounds = -(-plan.images // plan.cameras)
    cameras = np.concatenate([rng.permutation(plan.cameras) for _ in range(rounds)]) + 1
    shots = []
    for index in range(plan.images):
        query = split != "train" and index < plan.queries and not distractor
        role = "train" if split == "train" else "query" if query else "gallery"
        shots.append(
            Shot(
                split=split,
                role=role,
                number=number,
                pid=0 if distractor else number,
                camid=int(cameras[index]),
                index=index,
                frame=int(rng.integers(1_000_000)),
                occluded=bool(rng.random() < OCCLUDED_SHARE[role]),
            )
        )
    return shots
