"""Writes `assets/occluders/`: every kind of occluder as cut-outs with alpha.

    python -m aonet_core.synthetic.cutouts

They can be laid over any picture without the renderer. `occluders.json` beside them lists kind,
extent in metres and SHA-256 digest.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace

import numpy as np
from PIL import Image

from aonet_core.files import shipped_path
from aonet_core.synthetic.mesh import Mesh
from aonet_core.synthetic.person import build_person, sample_identity
from aonet_core.synthetic.render import View, draw
from aonet_core.synthetic.shading import Shadow
from aonet_core.synthetic.street.occluders import MAKERS, OCCLUDERS
from aonet_core.synthetic.street.scene import Camera, camera
from aonet_core.synthetic.street.solids import placed

OUTPUT = shipped_path("assets/occluders")
SEEDS = (1, 3)
"""The looks that are shipped of every kind."""
RESOLUTION = 110
"""Pixels a metre."""
FINER = 4
"""Renders have this many times the resolution, against jagged edges."""
LARGEST = (3.0, 3.0)
"""Metres of height and width that are kept, from the ground and about the middle."""
EYE = (9.0, 2.0)
"""Distance and height of the camera in metres."""


def main() -> None:
    """Render all cut-outs and their list."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    entries = {}
    for kind in OCCLUDERS:
        for number, seed in enumerate(SEEDS, start=1):
            name = f"{kind}-{number}"
            cutout = render(kind, seed)
            buffer = io.BytesIO()
            cutout.save(buffer, "PNG", optimize=True)
            (OUTPUT / f"{name}.png").write_bytes(buffer.getvalue())
            entries[name] = {
                "kind": kind,
                "metres": [round(side / RESOLUTION, 2) for side in cutout.size],
                "sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
            }
    text = json.dumps(entries, indent=2) + "\n"
    (OUTPUT / "occluders.json").write_text(text, encoding="utf-8")
    total = sum(file.stat().st_size for file in OUTPUT.iterdir())
    print(f"wrote {len(entries)} cut-outs to {OUTPUT} ({total / 1000:.0f} kB)")


def render(kind: str, seed: int) -> Image.Image:
    """Draw an occluder alone in even light.

    Args:
        kind: One of `OCCLUDERS`.
        seed: Of its look.

    Returns:
        RGBA, as small as holds it, `RESOLUTION` pixels a metre.
    """
    rng = np.random.default_rng([seed, OCCLUDERS.index(kind)])
    mesh = _mesh(kind, rng)
    eye, view = _camera(), _view()
    height, width = (round(side * RESOLUTION) * FINER for side in LARGEST)
    layer = draw(mesh, view, eye, shadow=Shadow(mesh, eye.sun, 768), size=(height, width))
    light = np.clip(layer.radiance * eye.exposure, 0, 1) ** (1 / 2.2)
    opaque = np.isfinite(layer.depth)
    pixels = np.concatenate([light, opaque[:, :, None]], axis=2)
    pixels[:, :, :3] *= pixels[:, :, 3:]  # averaged by what is seen alone
    small = pixels.reshape(height // FINER, FINER, width // FINER, FINER, 4).mean(axis=(1, 3))
    small[:, :, :3] /= np.maximum(small[:, :, 3:], 1e-6)
    image = Image.fromarray(np.uint8(small * 255 + 0.5))
    image = image.crop(image.getchannel("A").getbbox())
    return _fewer_colours(image)


def _mesh(kind: str, rng: np.random.Generator) -> Mesh:
    if kind == "person":
        return placed(build_person(sample_identity(rng), rng.random(), rng), 0, 0, 0.4)
    return placed(MAKERS[kind](rng), 0, 0, float(rng.uniform(-0.3, 0.3)))


def _camera() -> Camera:
    """A camera in soft light from the left."""
    sun = np.array([-0.45, -0.55, 0.7])
    return replace(
        camera(1, 1),
        sun=sun / np.linalg.norm(sun),
        sun_colour=np.array([0.9, 0.87, 0.8]),
        sky_colour=np.array([0.62, 0.66, 0.72]),
        exposure=0.75,
    )


def _view() -> View:
    """Look straight on, with the ground at the lower edge of what is kept."""
    distance, height = EYE
    turn = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    scale = RESOLUTION * FINER * distance
    centre = np.array([0, (height + 0.25 - LARGEST[0] / 2) / distance])
    return View(np.array([0, -distance, height]), turn, centre, scale)


def _fewer_colours(image: Image.Image) -> Image.Image:
    """Round colours to 6 bits and drop those of what is transparent: files become smaller."""
    pixels = np.array(image)
    colour = pixels[:, :, :3] // 4 * 4 + 2
    colour[pixels[:, :, 3] == 0] = 0
    return Image.fromarray(np.dstack([colour, pixels[:, :, 3]]))


if __name__ == "__main__":
    main()
