"""The occlusion lab's vocabulary: what can be hidden, with what, and what is asked about it.

Pure NumPy and Pillow: a front end without torch uses it too.
"""

from aonet_core.occlusion.answers import (
    METHODS,
    TARGETS,
    Attribution,
    Cancelled,
    Counterfactual,
    LandmarkRemoval,
    Progress,
    Sweep,
    Target,
)
from aonet_core.occlusion.edit import Edit, Edited, apply_edit, check_alpha, sources
from aonet_core.occlusion.fills import FILLS, Fill, Pictures, fill_pixels
from aonet_core.occlusion.link import (
    edit_from_json,
    edit_from_token,
    edit_to_json,
    edit_to_token,
)
from aonet_core.occlusion.raster import rasterise
from aonet_core.occlusion.shapes import (
    Circle,
    Crop,
    EditError,
    Polygon,
    Rectangle,
    Shape,
    Stamp,
    Stroke,
)
from aonet_core.occlusion.shipped import Occluder, shipped_occluders, shipped_picture
from aonet_core.occlusion.sweep import MOST_POSITIONS, MOTIONS, SweepSpec
from aonet_core.occlusion.windows import Windows, covered_shares

__all__ = [
    "FILLS",
    "METHODS",
    "MOST_POSITIONS",
    "MOTIONS",
    "TARGETS",
    "Attribution",
    "Cancelled",
    "Circle",
    "Counterfactual",
    "Crop",
    "Edit",
    "EditError",
    "Edited",
    "Fill",
    "LandmarkRemoval",
    "Occluder",
    "Pictures",
    "Polygon",
    "Progress",
    "Rectangle",
    "Shape",
    "Stamp",
    "Stroke",
    "Sweep",
    "SweepSpec",
    "Target",
    "Windows",
    "apply_edit",
    "check_alpha",
    "covered_shares",
    "edit_from_json",
    "edit_from_token",
    "edit_to_json",
    "edit_to_token",
    "fill_pixels",
    "rasterise",
    "shipped_occluders",
    "shipped_picture",
    "sources",
]
