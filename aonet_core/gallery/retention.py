"""How long galleries of uploaded pictures stay on disk."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from aonet_core.errors import GalleryError
from aonet_core.gallery.records import STATE, is_gallery
from aonet_core.gallery.store import GalleryStore

DAY = 86_400.0
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

    Galleries that only point at files elsewhere hold none and stay, as does the sample set's.

    Args:
        folder: Of galleries.
        days: How long they are kept; None for ever.
        now: Seconds since 1970; the clock's by default.

    Returns:
        How many were deleted.
    """
    if days is None:
        return 0
    oldest = (time.time() if now is None else now) - days * DAY
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
