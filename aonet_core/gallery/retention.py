"""How long galleries of uploaded pictures stay on disk."""

from __future__ import annotations

import logging
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from aonet_core.errors import GalleryError
from aonet_core.gallery.records import STATE, is_gallery
from aonet_core.gallery.store import GalleryStore

DAY = 86_400.0
ADAPTED = "sample-adapted-"
"""Beginning of the names of folders that hold galleries as adapted networks see them."""
ADAPTED_HOURS, ADAPTED_MOST = 12.0, 32
"""How long such a folder stays after its last use, and how many stay."""
_log = logging.getLogger(__name__)


def retention_days() -> float | None:
    """Days that uploaded pictures are kept after the last change: AONET_RETENTION_DAYS, or None.

    Raises:
        ValueError: The variable is no number above 0.
    """
    text = os.environ.get("AONET_RETENTION_DAYS", "").strip()
    if not text:
        return None
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not days > 0:
        raise ValueError(f"AONET_RETENTION_DAYS must be a number above 0, got {text!r}")
    return days


def expire(folder: Path, days: float | None, now: float | None = None) -> int:
    """Delete galleries that hold uploaded pictures and have not changed for so many days.

    Those that adapted networks see go some hours after their last use. Galleries that only point
    at files elsewhere hold none and stay, as does the sample set's.

    Args:
        folder: Of galleries.
        days: How long they are kept; None for ever.
        now: Seconds since 1970; the clock's by default.

    Returns:
        How many were deleted.
    """
    now = time.time() if now is None else now
    expire_adapted(folder, now)
    if days is None:
        return 0
    oldest = now - days * DAY
    gone = 0
    for path in sorted(each for each in folder.glob("*") if is_gallery(each)):
        try:
            if (path / STATE).stat().st_mtime < oldest:
                store = GalleryStore(path)
                if store.keeps_pictures():
                    store.remove()
                    gone += 1
        except (GalleryError, OSError) as error:
            # Busy or damaged: it is looked at again, and told where it is listed.
            _log.warning("a gallery past its time could not be deleted: %s", type(error).__name__)
    if gone:
        _log.info("deleted %d galleries that had not changed for %g days", gone, days)
    return gone


def expire_adapted(folder: Path, now: float) -> None:
    """Delete folders of adapted networks that nobody used for long, or that are too many."""
    used = {}
    for path in folder.glob(f"{ADAPTED}*"):
        with suppress(OSError):  # somebody else was quicker
            used[path] = path.stat().st_mtime
    newest_first = sorted(used, key=lambda path: used[path], reverse=True)
    for number, path in enumerate(newest_first):
        if number >= ADAPTED_MOST or used[path] < now - 3600 * ADAPTED_HOURS:
            shutil.rmtree(path, ignore_errors=True)
