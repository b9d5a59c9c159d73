"""`python -m aonet_core embed`: write landmark features and awareness of images."""

from __future__ import annotations

import argparse
from pathlib import Path

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder, the checkpoint and the output."""
    parser.add_argument("--data", type=Path, required=True, help="folder of images, at any depth")
    parser.add_argument("--checkpoint", default="default", help="shipped name or path")
    parser.add_argument("--out", type=Path, required=True, help=".npz file to write")
    parser.add_argument("--device", help="cpu, cuda, … (default: the fastest)")


def run(arguments: argparse.Namespace) -> int:
    """Embed every image below the folder, in the order of their names."""
    import numpy as np

    from aonet_core.analysis.embedding import run_files
    from aonet_core.model.checkpoint import load_checkpoint
    from aonet_core.model.precision import usable_device

    if not arguments.data.is_dir():
        raise FileNotFoundError(f"no folder of images at {arguments.data}")
    files = sorted(f for f in arguments.data.rglob("*") if f.suffix.lower() in SUFFIXES)
    if not files:
        raise ValueError(f"no images below {arguments.data}: looked for {', '.join(SUFFIXES)}")
    model, card = load_checkpoint(arguments.checkpoint, usable_device(arguments.device))
    records = run_files(model, files, progress="embedding")
    # NumPy would append the suffix by itself, and the name that is told would be another one.
    out = arguments.out if arguments.out.suffix == ".npz" else Path(f"{arguments.out}.npz")
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out,
        files=np.array([file.relative_to(arguments.data).as_posix() for file in files]),
        features=records.retrieval_features.astype(np.float16),
        awareness=records.weight,
        checkpoint=card["sha256"],
    )
    print(f"{len(files)} images, {records.retrieval_features.shape[1]} landmarks: {out}")
    return 0
