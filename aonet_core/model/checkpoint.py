"""Checkpoints: weights and memory as safetensors, everything else in a JSON card beside them.

Nothing is ever unpickled. Torch is imported only where weights are read or written, so that a
card can be shown by a front end without it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from aonet_core.files import replacing, shipped_path
from aonet_core.kinds import check_kind, read_json
from aonet_core.model.config import AONetConfig
from aonet_core.model.untrained import untrained, untrained_names

if TYPE_CHECKING:
    import numpy as np

    from aonet_core.model.aonet import AONet

CHECKPOINT_FOLDER = shipped_path("assets/checkpoints")
FORMAT = 1
CARD = {
    "config": dict, "sha256": str, "minutes?": float,
    "metrics?": {
        "landmarks?": [{"region?": str, "share?": float}], "awareness_auroc_by_landmark?": list,
        "mean_ap_by_similarity?": dict, "rank1_by_similarity?": dict,
        "awareness_by_occluder?": {"*": {"awareness_auroc?": float}},
        "open_set?": {"at_false_match_rate?": {"*": {"threshold?": float}}},
    },
}  # fmt: skip
"""What is read of a card, as `aonet_core.kinds.check_kind` takes it; anything else is shown."""


def shipped_names() -> tuple[str, ...]:
    """Names of the checkpoints that come with the project."""
    return tuple(sorted(file.stem for file in CHECKPOINT_FOLDER.glob("*.safetensors")))


def find_checkpoint(name: str | Path = "default") -> Path:
    """Return the path of the weights of a shipped checkpoint, or of a file given by path.

    Raises:
        FileNotFoundError: Neither a shipped name nor a `.safetensors` file with a card beside it.
    """
    shipped = CHECKPOINT_FOLDER / f"{name}.safetensors"
    path = shipped if shipped.is_file() else Path(name)
    if path.suffix != ".safetensors" or not path.is_file():
        raise FileNotFoundError(
            f"no checkpoint {str(name)!r}: expected one of the shipped names "
            f"({', '.join(shipped_names()) or 'none here'}) or the path of a .safetensors file"
        )
    if not path.with_suffix(".json").is_file():
        raise FileNotFoundError(
            f"the checkpoint {path.name} has no card: expected {path.stem}.json beside it"
        )
    return path


def read_card(name: str | Path = "default") -> dict:
    """Return a checkpoint's card: configuration, data, command, seed, metrics, digest.

    Raises:
        FileNotFoundError: As in `find_checkpoint`.
        ValueError: The card is not JSON, lacks its configuration or digest, or holds something else
            than pages and commands read there.
    """
    path = find_checkpoint(name).with_suffix(".json")
    try:
        card = read_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"the card {path.name} is not valid JSON: {error}") from error
    missing = [key for key in ("config", "sha256") if not isinstance(card, dict) or key not in card]
    if missing:
        raise ValueError(f"the card {path.name} lacks {' and '.join(missing)}")
    check_kind(f"the card {path.name}", card, CARD)
    return card


def save_checkpoint(path: str | Path, model: AONet, card: dict) -> Path:
    """Write weights and memory in half precision, and the card with configuration and digest.

    Vectors (normalisation statistics, gates) keep float32: they are few, and running variances
    may leave the range of float16.

    Args:
        path: Where to write; the suffix becomes `.safetensors`, the card's `.json`.
        model: The network.
        card: What else to say about it: data, command, seed, metrics.

    Returns:
        The path of the weights.
    """
    import torch
    from safetensors.torch import save_file

    path = Path(path).with_suffix(".safetensors")
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: (
            tensor.to(torch.float16) if tensor.is_floating_point() and tensor.ndim > 1 else tensor
        )
        .detach()
        .cpu()
        .contiguous()
        for name, tensor in model.state_dict().items()
    }
    with replacing(path) as partial:
        save_file(tensors, partial)
        content = {"format": FORMAT, **card}
        content |= {"config": model.config.to_dict(), "sha256": _digest(partial)}
    _write_card(path, content)
    return path


def update_card(name: str | Path, **changes) -> Path:
    """Write some keys of a checkpoint's card, in place of what stood there.

    Returns:
        The path of the card.

    Raises:
        FileNotFoundError, ValueError: As in `read_card`.
    """
    return _write_card(find_checkpoint(name), read_card(name) | changes)


def read_history(name: str | Path = "default") -> dict[str, np.ndarray]:
    """Return the columns of a checkpoint's training history; none where it has none.

    Returns:
        (S,) float64 by name, a row a step or validation; NaN where a row says nothing.

    Raises:
        FileNotFoundError: As in `find_checkpoint`.
        ValueError: The file beside it is no table of numbers.
    """
    path = find_checkpoint(name).with_suffix(".history.csv")
    if not path.is_file():
        return {}
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype="float64")
    except (ValueError, UnicodeDecodeError) as error:
        raise ValueError(f"the history {path.name} cannot be read: {error}") from error
    return {str(column): table[column].to_numpy() for column in table}


def load_checkpoint(name: str | Path = "default", device: str = "cpu") -> tuple[AONet, dict]:
    """Load a network in evaluation mode, and its card.

    Args:
        name: A shipped name such as "default", the path of a `.safetensors` file, or one of
            `untrained_names()`.
        device: Where to put the network.

    Raises:
        FileNotFoundError: As in `find_checkpoint`.
        ValueError: The card is broken, the weights do not have the card's digest, or they do not
            fit the configuration; the message names what differs.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from aonet_core.model.aonet import AONet

    if name in untrained_names():
        return untrained(name, device)
    path = find_checkpoint(name)
    card = read_card(name)
    digest = _digest(path)
    if digest != card["sha256"]:
        raise ValueError(
            f"{path.name} is not the file its card describes: expected SHA-256 "
            f"{card['sha256'][:12]}…, got {digest[:12]}…"
        )
    config = AONetConfig.from_dict(card["config"])
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path.name} is not a readable safetensors file: {error}") from error
    with torch.device("meta"):  # a card may tell of a network that fits no memory
        model = AONet(config)
    expected = model.state_dict()
    _check_fit(path.name, expected, tensors)
    # Copied: in the file they begin where processors cannot read them fast.
    weights = {key: tensor.to(expected[key].dtype, copy=True) for key, tensor in tensors.items()}
    model.load_state_dict(weights, assign=True)
    return model.to(device).eval(), card


def _check_fit(name: str, expected: dict, got: dict) -> None:
    """Raise a ValueError that names missing, unknown and differently shaped tensors."""
    problems = [
        f"{label} {len(keys)} tensors such as {min(keys)}"
        for label, keys in (
            ("it lacks", expected.keys() - got.keys()),
            ("it has unknown", got.keys() - expected.keys()),
        )
        if keys
    ]
    problems += [
        f"{key} must be {tuple(expected[key].shape)}, got {tuple(got[key].shape)}"
        for key in sorted(expected.keys() & got.keys())
        if expected[key].shape != got[key].shape
    ][:3]
    problems += [
        f"{key} must be finite numbers of a kind like {expected[key].dtype}, got {got[key].dtype}"
        for key in sorted(expected.keys() & got.keys())
        if expected[key].is_floating_point() != got[key].is_floating_point()
        or got[key].dtype.itemsize < 2  # floats of eight bits, of which little is known
        or not bool(got[key].isfinite().all())
    ][:3]
    if problems:
        raise ValueError(f"{name} does not fit its configuration: {'; '.join(problems)}")


def _write_card(weights: Path, content: dict) -> Path:
    path = weights.with_suffix(".json")
    with replacing(path) as partial:
        partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
