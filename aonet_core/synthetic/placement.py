"""Finds a place for an occluder between camera and person."""

from __future__ import annotations

import numpy as np

from aonet_core.synthetic.mesh import Mesh
from aonet_core.synthetic.person import build_person, sample_identity
from aonet_core.synthetic.raster import rasterize
from aonet_core.synthetic.render import HEIGHT, WIDTH, Layer, View
from aonet_core.synthetic.street.occluders import MAKERS, OCCLUDERS
from aonet_core.synthetic.street.solids import placed

HIDDEN_RANGE = (0.10, 0.62)
"""Share of the person that an occluder has to hide."""
MANY_IDENTITIES = 1 << 20
"""Occluding people are drawn from identities beyond this number, which no set contains."""

# Metres: how much nearer to the camera than the person a thing may stand, at least and at most, and
# how far aside of the line of sight. The nearer to the person, the higher up the body it reaches.
PLACES = {
    "car": (1.3, 3.0, 1.9),
    "boxes": (0.5, 1.3, 0.6),
    "pole": (0.4, 2.0, 0.4),
    "bush": (0.6, 1.6, 0.6),
    "fence": (0.4, 1.0, 1.2),
    "low_wall": (0.45, 1.2, 1.3),
    "umbrella": (0.5, 1.4, 0.6),
    "wall_corner": (0.5, 2.5, 1.15),
    "person": (0.4, 1.1, 0.45),
}


def occluder_before(
    seed: int,
    rng: np.random.Generator,
    view: View,
    person: Layer,
    body: np.ndarray,
    at: tuple[float, float],
) -> tuple[str, Mesh]:
    """Draw an occluder and a place at which it hides the wanted share of a person.

    Args:
        seed: Of the set, for the people who walk by.
        rng: Draws kind, look and place.
        view: The crop.
        person: The person as drawn.
        body: (H, W) bool, the person's body pixels.
        at: Where the person stands.

    Returns:
        Name in `OCCLUDERS` and the placed mesh.

    Raises:
        RuntimeError: Nothing fits, which the person's size makes all but impossible.
    """
    low, high = HIDDEN_RANGE
    for _ in range(60):
        name = str(rng.choice(OCCLUDERS))
        for _ in range(3):
            mesh = _make(name, seed, rng)
            for _ in range(6):
                stands = _place_before(name, mesh, view, at, rng)
                # A coarse look first: most places are wrong.
                if all(low < _hidden(stands, view, person, body, step) < high for step in (4, 1)):
                    return name, stands
    raise RuntimeError(f"no occluder hides {HIDDEN_RANGE} of the person at {at}")


def _make(name: str, seed: int, rng: np.random.Generator) -> Mesh:
    if name != "person":
        return MAKERS[name](rng)
    number = MANY_IDENTITIES + int(rng.integers(1 << 20))
    stranger = sample_identity(np.random.default_rng([seed, 5, number]))
    mesh = build_person(stranger, rng.random(), rng)
    mesh.part[:] = 0
    return mesh


def _place_before(
    name: str, mesh: Mesh, view: View, at: tuple[float, float], rng: np.random.Generator
) -> Mesh:
    """Put an occluder between camera and person, on the ground."""
    towards = view.eye[:2] - np.array(at)
    distance = np.linalg.norm(towards)
    towards = towards / distance
    sideways = np.array([-towards[1], towards[0]])
    least, most, aside = PLACES[name]
    nearer = min(rng.uniform(least, most), 0.55 * distance)
    spot = np.array(at) + nearer * towards + rng.uniform(-aside, aside) * sideways
    yaw = np.arctan2(sideways[1], sideways[0]) + rng.normal(0, 0.25)  # its front to the camera
    if name in ("person", "bush", "umbrella"):
        yaw = rng.uniform(-np.pi, np.pi)
    raised = rng.uniform(0.0, 0.3) if name == "person" else 0.0  # on a kerb or a step
    return placed(mesh, spot[0], spot[1], yaw, raised)


def _hidden(mesh: Mesh, view: View, person: Layer, body: np.ndarray, step: int) -> float:
    """Share of the body's pixels behind the mesh, looking at every `step`-th pixel each way."""
    points = view.project(mesh.vertices)
    points[:, :2] /= step
    size = HEIGHT // step, WIDTH // step
    depth = rasterize(points, mesh.faces, mesh.coverage, *size)[2]
    of_body = body[::step, ::step]
    return float((depth < person.depth[::step, ::step])[of_body].mean()) if of_body.any() else 0.0
