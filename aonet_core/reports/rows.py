"""The rows of the ablation: which networks are compared, table by table."""

from __future__ import annotations

from dataclasses import dataclass

from aonet_core.model.config import CHOICES

PAPER_DATA = "Occluded-DukeMTMC, ResNet-50, 120 epochs"
"""What the paper's numbers were measured on."""
LANDMARK_COUNTS = (2, 4, 6, 8, 10)


@dataclass(frozen=True)
class Row:
    """One network of the ablation.

    Attributes:
        name: Of the row, and of the folders of its runs.
        what: What it is, in a few words.
        recipe: Shipped recipe that it is trained by.
        changes: Fields of recipe or network in which it differs from that.
        paper: Rank-1 and mAP in percent as the paper prints them, if it does.
    """

    name: str
    what: str
    recipe: str
    changes: dict
    paper: tuple[float, float] | None = None


@dataclass(frozen=True)
class Table:
    """Rows that are compared with one of them.

    Attributes:
        title: Heading.
        full: Name of the row that the others' differences are taken from.
        rows: In the order of the table.
    """

    title: str
    full: str
    rows: tuple[Row, ...]


def _literal(
    preset: str, what: str, paper: tuple[float, float] | None = None, name: str = "", **changes
) -> Row:
    """A row as the paper describes it.

    The baseline's recipe trains them all: the paper's, on the common backbone with the schedule
    that `aonet_lens` has.
    """
    return Row(name or preset, what, "base_gap", {"preset": preset, **changes}, paper)


def _lens(name: str, what: str, **changes) -> Row:
    """`aonet_lens` with one thing changed."""
    return Row(f"lens_{name}", what, "aonet_lens", changes)


_BASE_GAP = _literal("base_gap", "global average pooling", (49.4, 40.0))
_OAFEA = _literal("aonet_oafea", "OA features, attention", (62.6, 51.3))
_OASCORE = _literal("aonet_oascore", "the same, weighted by the awareness", (65.6, 52.5))
_AONET = _literal("aonet", "the same with the orthogonal loss", (66.5, 53.1))
_LENS = Row("aonet_lens", "all ingredients", "aonet_lens", {})
_PAPER_BY_COUNT = {2: (64.3, 52.3), 4: (65.2, 53.4), 8: (66.2, 53.0), 10: (65.7, 52.7)}

_COMPONENTS = Table(
    "Table 4: the components",
    "aonet",
    (
        _BASE_GAP,
        _literal("base_slfea", "SL features", (57.3, 43.9)),
        _literal("base_satt", "SL features, attention", (58.6, 45.3)),
        _OAFEA,
        _OASCORE,
        _AONET,
    ),
)
_RIVALS = Table(
    "Table 5: the components against rivals",
    "aonet",
    (
        _BASE_GAP,
        _OAFEA,
        _literal("base_pose", "features under the joints of an external pose model", (52.1, 42.3)),
        _literal("base_max", "OA features, attention, weighted by the maximum", (63.4, 51.7)),
        _OASCORE,
        _literal("base_regl", "weighted by the awareness, position loss", (65.9, 52.7)),
        _AONET,
    ),
)
_COUNTS = Table(
    "Table 6: the number of landmarks",
    "aonet",
    tuple(
        _AONET
        if count == 6
        else _literal("aonet", f"K = {count}", paper, name=f"aonet_k{count}", num_landmarks=count)
        for count, paper in ((n, _PAPER_BY_COUNT.get(n)) for n in LANDMARK_COUNTS)
    ),
)
_INGREDIENTS = Table(
    "What `aonet_lens` adds to the paper, one ingredient taken away at a time",
    "aonet_lens",
    (
        _LENS,
        _lens("no_feature_norm", "feature map not normalised", feature_norm=False),
        _lens("inner_product", "inner products instead of cosines", logits="inner_product"),
        _lens("random_patterns", "patterns from random numbers", pattern_start="random"),
        _lens("shared_classifier", "one classifier for all landmarks", classifier="shared"),
        _lens("no_orthogonal", "no orthogonal loss", extra_loss="none"),
        _lens("no_copies", "no pasted occluders", consistency_weight=0.0),
        _lens("unclassified_copies", "copies only for consistency", classify_occluded=False),
        _lens("last_stage", "landmarks at the last stage", landmark_stage="last"),
        _lens("map_gradient", "identities may move landmarks", map_gradient=1.0),
        _lens("scale_gradient", "identity loss may change β", oa_scale_gradient=True),
        _lens("no_attention", "no attention", attention=False),
        _lens("attended", "retrieval by attended features", retrieval_features="attended"),
        _lens("kmeans", "patterns from k-means", pattern_start="kmeans"),
        _lens("no_bands", "no bands", band_weight=0.0),
        _lens("no_match", "no loss on matches", match_weight=0.0),
        _lens("absolute", "absolute difference of awareness", consistency="absolute"),
        _lens("no_smoothing", "no label smoothing", label_smoothing=0.0),
        _lens("erasing", "random erasing as in the paper", random_erasing=0.5),
    ),
)
_LENS_COUNTS = Table(
    "The number of landmarks of `aonet_lens`",
    "aonet_lens",
    tuple(
        _LENS if count == 6 else _lens(f"k{count}", f"K = {count}", num_landmarks=count)
        for count in LANDMARK_COUNTS
    ),
)


def tables(backbone: str) -> tuple[Table, ...]:
    """Return all tables for a common backbone.

    Instance-batch normalisation needs a ResNet. Where the common backbone has such a form, it
    starts from the same weights; otherwise a pair of ResNet-18 from random weights shows it.
    """
    paper = (68.8, 57.3)
    if f"{backbone}_ibn" in CHOICES["backbone"]:
        common, start = _AONET, {"backbone": f"{backbone}_ibn"}
    else:
        scratch = {"backbone": "resnet18", "backbone_weights": "none"}
        common = _literal(
            "aonet", "ResNet-18, from random weights", (66.5, 53.1), "aonet_resnet18", **scratch
        )
        start = scratch | {"backbone": "resnet18_ibn"}
    ibn = _literal("aonet_ibn", "the same with instance-batch normalisation", paper, **start)
    pair = Table("Instance-batch normalisation (Table 1)", common.name, (common, ibn))
    return (_COMPONENTS, _RIVALS, _COUNTS, pair, _INGREDIENTS, _LENS_COUNTS)


LANDMARKS_OF_THEIR_OWN = {"aonet_parts", "aonet_context"}
"""Presets that are no rows: their landmarks learn from part masks, by a command of their own."""


def rows(backbone: str) -> dict[str, Row]:
    """Return every row once, by name, in the order of the tables."""
    return {row.name: row for table in tables(backbone) for row in table.rows}
