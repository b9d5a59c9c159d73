"""What is measured on photographs, by covers and networks whose answers are known."""

import io
import json
import zipfile
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from aonet_core.analysis.photographs import figures as photographs
from aonet_core.analysis.photographs.changes import QUALITY, ROBUSTNESS
from aonet_core.analysis.photographs.covers import HIDDEN_RANGE, KINDS, cover
from aonet_core.analysis.photographs.figures import peak_places
from aonet_core.cli import main
from aonet_core.data.pictures import read_pictures
from aonet_core.model import save_checkpoint


def evaluate_photographs(watcher, pictures):
    """Measure with few draws for the intervals."""
    return photographs.evaluate_photographs(watcher, pictures, rounds=5)


def photo(number=0, size=(30, 60)):
    """A picture of coarse noise."""
    pixels = np.random.default_rng(number).integers(60, 200, (6, 3, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)


def png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@dataclass(frozen=True)
class Analysis:
    awareness: np.ndarray
    referenced_response_map: np.ndarray


class Watcher:
    """An engine that knows the clean pictures: its landmarks are the upper and the lower half."""

    def __init__(self, pictures, answer):
        self.known = {picture.tobytes(): picture for picture in pictures}
        self.pictures, self.answer = pictures, answer

    def analyze(self, pictures):
        return [self._one(picture) for picture in pictures]

    def _one(self, picture):
        maps = np.zeros((2, 4, 2))
        maps[0, 1], maps[1, 2] = 0.45, 0.3
        return Analysis(self.answer(self, picture), maps)

    def seen(self, picture):
        """Share of both halves that looks as in the nearest clean picture of the same size."""
        pixels = np.asarray(picture, dtype=float)
        same = [
            np.abs(np.asarray(clean, dtype=float) - pixels).max(axis=2) < 8
            for clean in self.pictures
            if clean.size == picture.size
        ]
        best = max(same, key=np.mean, default=np.ones((4, 2)))
        return np.array([half.mean() for half in np.split(best, 2)])


@pytest.mark.parametrize("kind", KINDS)
def test_covers_hide_what_they_say_and_nothing_else(kind):
    picture, others = photo(0), [photo(1), photo(2)]
    for seed in range(5):
        covered = cover(picture, others, kind, np.random.default_rng(seed))
        assert covered.picture.size == picture.size
        assert HIDDEN_RANGE[0] <= covered.hidden.mean() <= HIDDEN_RANGE[1]
        changed = (np.asarray(covered.picture) != np.asarray(picture)).any(axis=2)
        assert changed[covered.hidden].mean() > 0.9
        again = cover(picture, others, kind, np.random.default_rng(seed))
        assert again.picture.tobytes() == covered.picture.tobytes()
        if kind != "cutout":  # whose soft border counts as free
            assert not changed[~covered.hidden].any()
    alone = cover(picture, [], kind, np.random.default_rng(0))
    assert (alone is None) == (kind in ("crop", "street"))


@pytest.mark.parametrize("name, change", [*ROBUSTNESS.items(), *QUALITY.items()])
def test_changes_leave_pictures_recognisable(name, change):
    picture = photo(3)
    changed = change(picture, np.random.default_rng(0))
    assert changed.mode == "RGB" and changed.tobytes() != picture.tobytes()
    grown = name == "looser_box"
    assert changed.size == ((34, 66) if grown else picture.size)
    inside = changed.crop((2, 3, 32, 63)) if grown else changed
    pair = np.asarray(inside, dtype=float), np.asarray(picture, dtype=float)
    likeness = np.corrcoef(*(each.ravel() for each in pair))[0, 1]
    assert likeness > (0.9 if name != "flip" else -1)
    if name.startswith("brightness"):
        assert pair[0].mean() / pair[1].mean() == pytest.approx(
            0.6 if "minus" in name else 1.4, abs=0.03
        )


def test_a_watcher_that_sees_what_is_free_is_told_from_a_blind_one():
    pictures = [photo(number) for number in range(4)]
    sharp = evaluate_photographs(Watcher(pictures, lambda self, p: self.seen(p)), pictures)
    assert sharp["mean_awareness"] == [1.0, 1.0] and sharp["num_covers"] == 16
    assert sharp["awareness_auroc"] > 0.95
    assert sharp["awareness_kept_where_hidden"] < 0.5 < sharp["awareness_kept_where_visible"]
    assert list(sharp["awareness_by_occluder"]) == list(KINDS)
    blind = evaluate_photographs(Watcher(pictures, lambda self, p: np.array([0.4, 0.8])), pictures)
    assert blind["mean_awareness"] == pytest.approx([0.4, 0.8])
    assert blind["landmarks_below_half"] == 0.5 and blind["awareness_auroc"] == 0.5
    assert blind["awareness_kept_where_hidden"] == blind["awareness_kept_where_visible"] == 1
    assert blind["robustness"]["deviation"] == pytest.approx(0, abs=1e-9)
    assert all(each["absolute_change"] == 0 for each in blind["quality"].values())
    hidden = [each["num_hidden_landmarks"] for each in blind["awareness_by_occluder"].values()]
    assert sum(hidden) == blind["num_hidden_landmarks"] > 0


def test_robustness_and_quality_are_means_over_pictures_of_the_change():
    pictures = [photo(number) for number in range(3)]

    def by_light(self, picture):
        return np.array([np.asarray(picture).mean() / 255, 0.5])

    found = evaluate_photographs(Watcher(pictures, by_light), pictures)
    light = np.array([np.asarray(picture).mean() / 255 for picture in pictures])
    darker = found["robustness"]["by_change"]["brightness_minus_40"]
    assert darker["change"] == pytest.approx(-0.4 * light.mean() / 2, abs=2e-3)
    assert darker["deviation"] == pytest.approx(0.4 * np.sqrt((light**2).mean() / 2), abs=2e-3)
    assert found["robustness"]["by_change"]["flip"] == {"change": 0, "deviation": 0}
    assert found["quality"]["blur_1_pixel"]["absolute_change"] < 0.01


def test_peaks_are_places_in_shares_of_the_picture():
    maps = np.zeros((2, 1, 4, 2))
    maps[0, 0, 0, 0] = maps[1, 0, 2, 0] = 1
    assert peak_places(maps) == [
        {"row": 0.375, "row_deviation": 0.25, "column": 0.25, "column_deviation": 0.0}
    ]


def test_one_photograph_is_enough_and_none_is_not():
    found = evaluate_photographs(Watcher([], lambda self, p: np.array([0.4, 0.8])), [photo()])
    assert (
        found["num_covers"] == 2
        and found["awareness_by_occluder"]["crop"]["awareness_auroc"] is None
    )
    with pytest.raises(ValueError, match="no photographs"):
        evaluate_photographs(Watcher([], None), [])


def test_pictures_are_read_once_and_broken_ones_named(tmp_path):
    one, other = png(photo(0)), png(photo(1))
    contents = {"a.png": one, "b.png": one, "c.png": other, "d.png": one[:60], "e.jpg": b"no"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    told = []
    read = read_pictures(tmp_path, progress=lambda *step: told.append(step))
    assert read.names == ["a.png", "c.png"] and read.duplicates == ["b.png"]
    assert [name for name, _ in read.refused] == ["d.png", "e.jpg"]
    assert read.images[1].tobytes() == photo(1).tobytes() and told[-1] == (5, 5)
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in contents.items():
            file.writestr(name, content)
    again = read_pictures(archive, keep=lambda image: image.size)
    assert again.images == [(30, 60)] * 2 and again.digests == read.digests


def test_evaluate_photos_prints_one_json_object(tmp_path, tiny_model, capsys):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        photo(number).save(folder / f"{number}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    checkpoint = save_checkpoint(tmp_path / "tiny", tiny_model("aonet"), {"command": "test"})
    words = ("evaluate", "--photos", str(folder), "--checkpoint", str(checkpoint))
    assert main([*words, "--device", "cpu", "--json"]) == 0
    printed = capsys.readouterr()
    figures = json.loads(printed.out)
    assert figures["data"] == "photos" and figures["num_pictures"] == 3
    assert (
        figures["num_refused"] == 1
        and "left out: broken.png: broken.png is not an image" in printed.err
    )
    assert set(figures["quality"]) == set(QUALITY) and len(figures["mean_awareness"]) == 6
    assert main([*words, "--device", "cpu"]) == 0
    assert "awareness AUROC" in capsys.readouterr().out
    assert main(["evaluate", "--photos", str(tmp_path / "nowhere")]) == 2
    assert "no such folder" in capsys.readouterr().err
