"""`python -m aonet_core embed`: write landmark features and awareness of images."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder, the checkpoint and the output."""
    parser.add_argument("--data", type=Path, required=True, help="folder of images, at any depth")
    parser.add_argument("--checkpoint", default="default", help="shipped name or path")
    parser.add_argument("--out", type=Path, required=True, help=".npz file to write")
    parser.add_argument("--device", help="cpu, cuda, … (default: the fastest)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Embed every image below the folder, in the order of their names."""
    import numpy as np

    from aonet_core.analysis.embedding import run_files
    from aonet_core.data.left_out import sentence, summary
    from aonet_core.data.tree import FolderTree, pictures
    from aonet_core.model.checkpoint import load_checkpoint
    from aonet_core.model.precision import usable_device

    if not arguments.data.is_dir():
        raise FileNotFoundError(f"no folder of images at {arguments.data}")
    files, left_out = pictures(FolderTree(arguments.data))
    note = sentence(left_out)
    if not files:
        raise ValueError(f"no images below {arguments.data}{note and f': {note}'}")
    model, card = load_checkpoint(arguments.checkpoint, usable_device(arguments.device))
    records = run_files(model, list(map(Path, files.values())), progress="embedding")
    # NumPy would append the suffix by itself, and the name that is told would be another one.
    out = arguments.out if arguments.out.suffix == ".npz" else Path(f"{arguments.out}.npz")
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out,
        files=np.array(list(files)),
        features=records.retrieval_features.astype(np.float16),
        awareness=records.weight,
        checkpoint=card["sha256"],
    )
    landmarks = records.retrieval_features.shape[1]
    if arguments.json:
        facts = {"images": len(files), "landmarks": landmarks, "out": str(out)}
        print(json.dumps(facts | {"left_out": summary(left_out)}))
    else:
        print(f"{len(files)} images, {landmarks} landmarks: {out}")
    if note:
        print(note, file=sys.stderr)
    return 0
