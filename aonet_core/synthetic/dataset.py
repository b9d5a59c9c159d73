"""Writes a whole set: pictures, twins, masks, a table of the truth, a data card, digests."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from aonet_core.synthetic.card import command_line, data_card
from aonet_core.synthetic.plan import SetPlan, Shot, plan_shots

VERSION = 3
"""Of the generator; raised whenever the same plan gives other pictures."""
PROGRESS_FILE, SUMMARY_FILE = ".progress.jsonl", "synth.json"


def generate(
    plan: SetPlan, out: str | Path, workers: int | None = None, progress: bool = True
) -> dict:
    """Render a set into a folder; the same plan gives the same bytes whatever the workers.

    An interrupted run is taken up where it stopped; a finished one is left alone.

    Args:
        plan: What to render.
        out: The folder: absent, empty, or of an earlier run with the same plan.
        workers: Processes; all processors by default.
        progress: Show a progress bar.

    Returns:
        Counts, as in `synth.json`.

    Raises:
        ValueError: The folder holds something else, or `workers` is below 1.
    """
    from tqdm import tqdm

    if workers is not None and workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    out = Path(out)
    finished = _check_folder(plan, out)
    if finished is not None:
        return finished
    rows = _rows_done(out)
    shots = plan_shots(plan)
    workers = workers or len(os.sched_getaffinity(0))
    bar = tqdm(
        total=len(shots), initial=len(rows), unit="image", desc="rendering", smoothing=0.05,
        disable=not progress,
    )  # fmt: skip
    with (out / PROGRESS_FILE).open("a", encoding="utf-8") as log, bar:
        for taken in _map(_take, _jobs(plan, out, shots, rows), workers):
            log.writelines(json.dumps(row) + "\n" for row in taken)
            log.flush()
            rows.update((row["file"], row) for row in taken)
            bar.update(len(taken))
    return _finish(plan, out, [rows[shot.file] for shot in shots])


def _jobs(plan: SetPlan, out: Path, shots: list[Shot], rows: dict) -> list[tuple]:
    """What is left to do, an identity at a time: who is dressed once is pictured often."""
    jobs: dict[int, list[Shot]] = {}
    for shot in shots:
        if shot.file not in rows:
            jobs.setdefault(shot.number, []).append(shot)
    return [(plan.seed, str(out), plan.train_truth, group) for group in jobs.values()]


def _map(function, items: list, workers: int):
    """Apply in this process, or in several, in whatever order they end."""
    if workers == 1 or len(items) < 2:
        yield from map(function, items)
        return
    # Each worker's own libraries shall use one thread; they read this when they are imported.
    threads = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    os.environ.update(dict.fromkeys(threads, "1"))
    try:
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(workers, len(items)), mp_context=spawn)
        try:
            with _uninterrupted():
                jobs = [pool.submit(function, item) for item in items]
            for job in as_completed(jobs):
                yield job.result()
        except BrokenProcessPool:
            raise ChildProcessError(
                "a worker process ended, perhaps for lack of memory; what was rendered is kept: "
                "go on with the same command and fewer workers"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)
    finally:
        for name, value in threads.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Have processes that start inside not see Ctrl-C: this one answers it for all of them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _take(job: tuple[int, str, bool, list[Shot]]) -> list[dict]:
    """Render an identity's shots, write their files, return their rows of the truth table."""
    seed, out, train_truth, shots = job
    return [_take_one(seed, Path(out), train_truth, shot) for shot in shots]


def _take_one(seed: int, out: Path, train_truth: bool, shot: Shot) -> dict:
    from PIL import Image

    from aonet_core.synthetic.picture import take_picture

    picture = take_picture(seed, shot.number, shot.camid, shot.index, shot.occluded)
    _write(out / shot.file, picture.jpeg)
    twin = mask = ""
    if shot.split != "train" or train_truth:
        mask = f"masks/{shot.file[:-4]}.png"
        buffer = io.BytesIO()
        Image.fromarray(picture.label).save(buffer, "PNG", optimize=True)
        _write(out / mask, buffer.getvalue())
        if picture.twin:
            twin = f"twins/{shot.file}"
            _write(out / twin, picture.twin)
    return {
        "file": shot.file,
        "split": shot.split,
        "role": shot.role,
        "pid": shot.pid,
        "camid": shot.camid,
        "sequence": 1,
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
    if (out / SUMMARY_FILE).is_file():
        done = json.loads((out / SUMMARY_FILE).read_text(encoding="utf-8"))
        if done.get("plan") == plan.to_dict() and done.get("version") == VERSION:
            return done["counts"]
        raise ValueError(f"{out} holds another set (its synth.json differs); choose a new folder")
    header = json.dumps({"version": VERSION, "plan": plan.to_dict()})
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
    """Rows of pictures that an interrupted run wrote whole; a torn last line is dropped."""
    rows = {}
    lines = (out / PROGRESS_FILE).read_text(encoding="utf-8").split("\n")
    for line in lines[1:]:
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        files = [row[key] for key in ("file", "twin", "mask") if row[key]]
        if all((out / file).is_file() for file in files):
            rows[row["file"]] = row
    whole = [lines[0], *(json.dumps(row) for row in rows.values())]
    (out / PROGRESS_FILE).write_text("\n".join(whole) + "\n", encoding="utf-8")
    return rows


def _finish(plan: SetPlan, out: Path, rows: list[dict]) -> dict:
    """Write the table, the card and the digests, and last of all the mark of a finished set."""
    import pandas as pd

    table = pd.DataFrame(rows)
    table.to_parquet(out / "visibility.parquet", index=False)
    groups = table.groupby(["split", "role"])
    counts = {
        "images": len(table),
        "occluded": int((table["occluder"] != "").sum()),
        **{f"{split}_{role}": len(group) for (split, role), group in groups},
    }
    command = command_line(plan)
    content = {"version": VERSION, "command": command, "plan": plan.to_dict(), "counts": counts}
    summary = (json.dumps(content, indent=2) + "\n").encode()
    (out / "DATACARD.md").write_text(data_card(command, VERSION, table), encoding="utf-8")
    aside = ("SHA256SUMS", PROGRESS_FILE, SUMMARY_FILE)
    files = [path for path in out.rglob("*") if path.is_file() and path.name not in aside]
    sums = {p.relative_to(out).as_posix(): _sha256(p.read_bytes()) for p in files}
    sums[SUMMARY_FILE] = _sha256(summary)
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    _write(out / SUMMARY_FILE, summary)
    (out / PROGRESS_FILE).unlink()
    return counts


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
