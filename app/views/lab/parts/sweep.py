"""What the sweep's player is given."""

from __future__ import annotations

from aonet_core.engine import Sweep, SweepSpec
from app import services
from app.services import Photo
from app.shared import maps
from app.shared.view import FIXED_LIMIT, View
from app.views.lab.parts import photos, player

AXES = {
    "down": "middle of the bar from the top, px",
    "right": "middle of the bar from the left, px",
}


def shown(photo: Photo, spec: SweepSpec, sweep: Sweep, view: View) -> dict:
    """What the player is given of a sweep."""
    info = services.info()
    if sweep.maps is None:
        raise ValueError("a sweep is played with its maps, got one without")
    limit = FIXED_LIMIT if view.scale == "fixed" else max(float(sweep.maps.max()), 1e-6)
    pictures = photos.photo_uri(photo), photos.filled_uri(photo, spec.fill, spec.seed)
    return player.content(
        sweep,
        sweep.maps,
        photo.image.size,
        pictures,
        maps.landmark_names(info.metrics, info.num_landmarks),
        limit,
        view.opacity / 100,
        AXES.get(spec.motion, "hidden extent, px"),
    )
