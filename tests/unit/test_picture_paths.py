"""A picture is the same picture by whichever way it enters."""

import numpy as np
import pytest
from PIL import Image

from aonet_core.analysis.embedding import open_picture
from aonet_core.data import Sample, TrainingImages, preprocess
from aonet_core.data.image_files import read_image
from aonet_core.data.pictures import read_found
from aonet_core.data.sources import Picture, SourceContents
from aonet_core.engine import Queries, wire
from aonet_core.engine.local import query_sets
from aonet_core.gallery import build
from aonet_core.gallery import uploads as images
from aonet_core.gallery.samples import Sample as Shipped
from aonet_core.gallery.samples import sample_cutout
from aonet_core.occlusion import Edit, Fill, SweepSpec, apply_edit
from aonet_core.occlusion.fills import fill_pixels

WIDTH, HEIGHT = SIZE = (20, 44)
INPUT = (32, 16)
ORIENTATION, TURNED = 0x0112, 6
QUERY = "query/0001_c1s1_000001_00.png"


def scene() -> Image.Image:
    """Smooth, and another picture upside down, mirrored or turned."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    bands = [255 * y / HEIGHT, 255 * x / WIDTH, 60 + 2 * x + y]
    return Image.fromarray(np.stack(bands, -1).astype(np.uint8))


def cutout(path):
    """Cut out of a picture whose every pixel is the person's."""
    mask = path.parent / "mask.png"
    Image.new("L", SIZE, 1).save(mask)
    fields = dict.fromkeys(("name", "role", "occluder", "twin"), "")
    sample = Shipped(path=path, mask=mask, pid=1, camid=1, hidden=0.0, visible={}, **fields)
    return sample_cutout(sample).convert("RGB")


def stamp(path):
    """Read a cut-out whose alpha the test ignores."""
    image = Image.open(path)
    exif = image.getexif()
    image.putalpha(Image.fromarray(np.indices(image.size[::-1])[0].astype(np.uint8) + 200))
    image.save(path.with_suffix(".webp"), lossless=True, exif=exif)
    return images.read_cutout(path.with_suffix(".webp").read_bytes(), "a")[0].convert("RGB")


def stored_query(path):
    """Read a picture of a data set's queries."""
    for name in (QUERY, QUERY.replace("query", "bounding_box_test").replace("_c1", "_c2")):
        (path.parent / name).parent.mkdir(exist_ok=True)
        (path.parent / name).write_bytes(path.read_bytes())
    return query_sets.open_picture(path.parent, QUERY)


def filling(path):
    """Fill a picture with another one."""
    blank, filled = Image.new("RGB", SIZE), Fill("picture", "b")
    return fill_pixels(blank, filled, pictures={"b": Image.open(path)})


def training(path, preload):
    """Read a training picture, which is resized at once."""
    pixels = TrainingImages([Sample(path, 1, 1)], [0], INPUT, preload).pixels(0)
    return Image.fromarray(pixels.permute(1, 2, 0).numpy())


PATHS = {
    "upload": lambda path: images.read_image(path.read_bytes(), "a")[0],
    "gallery": lambda path: build.read_picture(path.read_bytes(), "a"),
    "source": lambda path: read_found(
        SourceContents("a", (Picture("a", "gallery", 1, 1, content=path.read_bytes()),))
    ).images[0],
    "evaluate, embed, report": open_picture,
    "query of a folder": stored_query,
    "uploaded query": lambda path: query_sets.open_picture(
        Queries([Image.open(path)], [1], names=["a"]), "a"
    ),
    "edit": lambda path: apply_edit(Image.open(path), Edit()).image,
    "filling": filling,
    "sweep": lambda path: SweepSpec().frame(Image.open(path), np.zeros(4, dtype=int)),
    "body of a request": lambda path: wire.unpack(wire.pack(Image.open(path))),
    "person of a sample": cutout,
    "cut-out": stamp,
    "training": lambda path: training(path, True),
    "training, decoded when drawn": lambda path: training(path, False),
    "analyze": Image.open,
}


def enters(way, path) -> np.ndarray:
    """The network's input of a picture that came in by a way, on the scale of bytes."""
    seen = PATHS[way](path)
    seen = seen if isinstance(seen, Image.Image) else Image.fromarray(seen)
    return preprocess([seen], INPUT)[0].numpy() * 0.225 * 255


@pytest.mark.parametrize("way", PATHS)
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_turned_by_exif_is_upright(way, suffix, tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    upright, turned = tmp_path / f"a/p.{suffix}", tmp_path / f"b/p.{suffix}"
    scene().save(upright, quality=95)
    scene().transpose(Image.Transpose.ROTATE_90).save(turned, quality=95, exif=exif)
    difference = np.abs(enters(way, upright) - enters(way, turned))
    assert difference.max() <= (0.01 if suffix == "png" else 12)
    assert difference.mean() <= 2


@pytest.mark.parametrize("way", PATHS)
@pytest.mark.parametrize("kind", ["16 bits", "32 bits", "32 bits of bytes", "float"])
def test_deep_grey_is_the_same_in_eight_bits(way, kind, tmp_path):
    if way == "cut-out":
        pytest.skip("deep grey has no alpha")
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    shallow, deep = tmp_path / "a/p.tif", tmp_path / "b/p.tif"
    grey = scene().convert("L")
    grey.putpixel((0, 0), 255)
    grey.save(shallow)
    values = np.asarray(grey)
    made = {
        "16 bits": values.astype(np.uint16) * 257,
        "32 bits": values.astype(np.int32) * 257,
        "32 bits of bytes": values.astype(np.int32),
        "float": values.astype(np.float32) / 255,
    }
    Image.fromarray(made[kind]).save(deep)
    np.testing.assert_allclose(enters(way, shallow), enters(way, deep), atol=0.01)


@pytest.mark.parametrize("way", PATHS)
def test_transparent_parts_are_mid_grey(way, tmp_path):
    if way in ("cut-out", "person of a sample", "body of a request"):
        pytest.skip("alpha is kept")
    path = tmp_path / "p.png"
    Image.new("RGBA", SIZE, (250, 0, 0, 0)).save(path)
    grey = preprocess([Image.new("RGB", SIZE, (128,) * 3)], INPUT)[0].numpy() * 0.225 * 255
    np.testing.assert_allclose(enters(way, path), grey, atol=1.2)


def test_a_path_and_its_content_are_the_same(tmp_path):
    path = tmp_path / "p.png"
    scene().save(path)
    assert read_image(path) == read_image(str(path)) == read_image(path.read_bytes()) == scene()
