"""How refusals and failures travel between an engine and those who are far away."""

from __future__ import annotations

from aonet_core.engine.wire import WireError, pack, unpack
from aonet_core.errors import GalleryBusy, GalleryError
from aonet_core.gallery.uploads import ImageError
from aonet_core.occlusion import EditError

KINDS = {
    GalleryBusy: 409,
    GalleryError: 422,
    EditError: 422,
    ImageError: 422,
    WireError: 400,
    FileNotFoundError: 404,
    PermissionError: 403,
    ValueError: 422,
    OSError: 507,
    TypeError: 400,
}
"""What an engine raises for the caller to mend, and its HTTP status; the first that fits counts."""
UNEXPECTED = 500


class EngineAway(OSError):
    """The engine cannot be reached, or is busy for too long; the message is fit to be shown."""


class EngineDenied(EngineAway):
    """The engine does not know the token; the message is fit to be shown."""


def fault(error: Exception) -> tuple[int, bytes]:
    """Return HTTP status and body that say what was wrong.

    What no caller can mend keeps its words to itself: they may hold names, and help nobody there.
    """
    for kind, status in KINDS.items():
        if isinstance(error, kind):
            return status, pack({"kind": kind.__name__, "message": str(error)})
    message = f"the engine failed ({type(error).__name__}); the log of its machine says where"
    return UNEXPECTED, pack({"kind": "Exception", "message": message})


def raised(body: bytes, status: int) -> Exception:
    """Return the exception that a body of `fault` tells of."""
    try:
        fields = unpack(body)
        kind, message = str(fields["kind"]), str(fields["message"])
    except (WireError, KeyError, TypeError):
        return EngineAway(f"the engine's address answers {status}, not as an engine does")
    kinds = {each.__name__: each for each in KINDS}
    return kinds.get(kind, EngineAway)(message)
