"""Transforms, batches and occluders."""

from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image

from aonet_core.data import (
    IdentitySampler,
    TrainingImages,
    batches,
    occluders,
    paste_occluder,
    preprocess,
    read_dataset,
)
from aonet_core.data.batches import Collate
from aonet_core.data.occluders import HIDDEN_RANGE
from aonet_core.data.sampler import Draw


def test_preprocess_scales_and_normalises():
    images = [Image.new("RGB", (10, 30), (255, 0, 128)), Image.new("L", (64, 64), 51)]
    batch = preprocess(images, (32, 16))
    assert batch.shape == (2, 3, 32, 16) and batch.dtype == torch.float32
    expected = torch.tensor([(1 - 0.485) / 0.229, (0 - 0.456) / 0.224, (128 / 255 - 0.406) / 0.225])
    torch.testing.assert_close(batch[0, :, 5, 5], expected)
    torch.testing.assert_close(batch[1, 1, 5, 5].item(), (0.2 - 0.456) / 0.224)
    with pytest.raises(ValueError, match="at least one"):
        preprocess([])


def batches_of(sampler):
    draws = list(sampler)
    size = sampler.identities * sampler.images
    assert len(draws) == len(sampler) and len(draws) % size == 0
    return [draws[start : start + size] for start in range(0, len(draws), size)]


LABELS = [0] * 9 + [1] * 2 + [2] * 8 + [3] * 4 + [4] * 5


def test_batches_balance_identities():
    sampler = IdentitySampler(LABELS, identities=3, images=4, seed=5)
    for epoch in range(4):
        sampler.set_epoch(epoch)
        batches = batches_of(sampler)
        assert len(batches) == 1  # five identities hold one round of three; two hold a second
        for batch in batches:
            counts = Counter(LABELS[draw.sample] for draw in batch)
            assert sorted(counts.values()) == [4, 4, 4]
            for label in set(counts) - {1}:  # only identity 1 has too few images
                chosen = [draw.sample for draw in batch if LABELS[draw.sample] == label]
                assert len(set(chosen)) == 4


def test_an_epoch_uses_an_image_once():
    sampler = IdentitySampler([0] * 8 + [1] * 8 + [2] * 8, identities=3, images=4)
    assert sorted(draw.sample for draw in sampler) == list(range(24))


def test_order_is_a_function_of_seed_and_epoch():
    def order(seed, epoch):
        sampler = IdentitySampler(LABELS, 3, 4, seed)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3) and order(1, 2) != order(2, 2)


def test_processes_share_every_batch_of_one():
    labels = [label for label in range(8) for _ in range(8)]
    whole = batches_of(IdentitySampler(labels, 4, 4, seed=3))
    halves = [IdentitySampler(labels, 4, 4, 3, rank, 2) for rank in (0, 1)]
    assert [len(half) for half in halves] == [8 * len(whole)] * 2
    first, second = map(list, halves)
    for number, batch in enumerate(whole):
        mine = slice(8 * number, 8 * number + 8)
        assert first[mine] + second[mine] == batch


def test_impossible_batches_are_explained():
    with pytest.raises(ValueError, match="needs 6 identities, the training set has only 5"):
        IdentitySampler(LABELS, identities=6)
    with pytest.raises(ValueError, match="2 processes cannot share a batch of 3 identities"):
        IdentitySampler(LABELS, 3, 4, processes=2)


@pytest.fixture
def images(tmp_path):
    """Two identities of three noise images each."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "bounding_box_train"
    folder.mkdir()
    for name in (f"000{p}_c1s1_00000{i}_00.jpg" for p in (1, 2) for i in range(3)):
        pixels = rng.integers(0, 256, (80, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name)
    return read_dataset(tmp_path, splits=("train",))


@pytest.mark.parametrize("preload", [True, False])
def test_items_depend_on_their_draw_alone(images, preload):
    training = TrainingImages(images.train, images.train_labels(), (64, 32), preload)
    first = training[Draw(4, 77)]
    state = torch.get_rng_state()
    training[Draw(1, 5)]
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(123)
    again = training[Draw(4, 77)]
    assert torch.equal(first[0], again[0]) and first[1] == again[1] == 1
    others = [training[Draw(4, seed)][0] for seed in range(5)]
    assert not any(torch.equal(first[0], other) for other in others)
    reference = TrainingImages(images.train, images.train_labels(), (64, 32), not preload)
    assert torch.equal(reference[Draw(4, 77)][0], first[0])


def test_training_pixels_are_those_of_preprocess(images):
    training = TrainingImages(images.train, images.train_labels(), (64, 32))
    from aonet_core.data.transforms import normalise

    with Image.open(images.train[2].path) as image:
        torch.testing.assert_close(normalise(training.pixels(2)), preprocess([image], (64, 32))[0])


def test_images_are_read_once_until_a_file_changes(images, monkeypatch):
    arguments = (images.train, images.train_labels(), (64, 32))
    first = TrainingImages(*arguments)
    monkeypatch.setattr(batches, "to_pixels", lambda image, size: torch.zeros(3, *size).byte())
    assert torch.equal(TrainingImages(*arguments).pixels(1), first.pixels(1))
    Image.new("RGB", (40, 80)).save(images.train[1].path)
    assert first.pixels(1).any() and not TrainingImages(*arguments).pixels(1).any()


@pytest.mark.parametrize("preload", [True, False])
@pytest.mark.parametrize("harm", ["text", "half", "gone"])
def test_a_broken_image_is_named_before_training(images, preload, harm):
    path = images.train[1].path
    if harm == "gone":
        path.unlink()
    else:
        whole = path.read_bytes()
        path.write_bytes(b"not a picture" if harm == "text" else whole[: len(whole) // 2])
    error = FileNotFoundError if harm == "gone" else ValueError
    message = "is missing" if harm == "gone" else "is not an image that can be read"
    with pytest.raises(error, match=f"0001_c1s1_000001_00.jpg {message}"):
        TrainingImages(images.train, images.train_labels(), (64, 32), preload)


def test_pasted_occluders_cover_what_they_say():
    generator = torch.Generator().manual_seed(0)
    image, donor = torch.full((3, 64, 32), 9.0), torch.full((3, 64, 32), -9.0)
    hidden, outlines = [], Counter()
    for _ in range(300):
        covered, visible = paste_occluder(image, donor, (4, 2), generator)
        free = (covered == 9.0).all(dim=0).float()  # no fill reaches 9
        # The area of every feature pixel that is left free, by plain counting.
        counted = torch.tensor(
            [
                [free[16 * i : 16 * i + 16, 16 * j : 16 * j + 16].mean() for j in range(2)]
                for i in range(4)
            ]
        )
        torch.testing.assert_close(visible, counted)
        rows, columns = (free == 0).nonzero(as_tuple=True)
        box = (rows.max() - rows.min() + 1) * (columns.max() - columns.min() + 1)
        outlines["rectangle" if len(rows) == box else "other"] += 1
        hidden.append(1 - free.mean().item())
    assert torch.equal(image, torch.full_like(image, 9.0))
    assert min(outlines["rectangle"], outlines["other"]) > 80
    low, high = HIDDEN_RANGE
    assert low - 1e-6 <= min(hidden) < low + 0.1 and high - 0.1 < max(hidden) <= high + 1e-6
    assert 0.2 < np.mean(hidden) < 0.5


def test_occluders_fill_with_four_kinds():
    generator = torch.Generator().manual_seed(1)
    donor = torch.arange(64 * 32.0).reshape(1, 64, 32).expand(3, -1, -1) + 100
    kinds = Counter()
    for _ in range(200):
        pixels = occluders._fill(donor, generator)
        count = len(pixels[0].unique())
        if (pixels >= 100).all():
            kinds["donor"] += 1
        else:
            kinds["colour" if count == 1 else "mosaic" if count <= 40 else "texture"] += 1
    assert min(kinds[kind] for kind in ("donor", "colour", "mosaic", "texture")) > 25


def test_a_person_in_front_is_the_other_pictures_moved():
    generator = torch.Generator().manual_seed(3)
    # Every pixel tells where it lies: the covered ones must be an enlarged and shifted copy.
    rows = torch.arange(64.0)[:, None].expand(64, 32)
    columns = torch.arange(32.0)[None, :].expand(64, 32)
    donor = torch.stack([rows, columns, torch.zeros(64, 32)])
    scales, mirrored = [], 0
    for _ in range(60):
        hidden, moved = occluders._person(donor, generator)
        inside = (moved[0] > 1) & (moved[0] < 62) & hidden  # no border repeated
        down = (moved[0, 1:] - moved[0, :-1])[inside[1:] & inside[:-1]]
        scales.append(1 / down.mean().item())
        torch.testing.assert_close(down, down.mean().expand_as(down), atol=1e-3, rtol=0)
        across = (moved[1, :, 1:] - moved[1, :, :-1])[hidden[:, 1:] & hidden[:, :-1]]
        mirrored += bool(across.median() < 0)
        # A head is narrower than the shoulders below it, where both are wholly in the picture.
        head, shoulders = (hidden & ((moved[0] - height).abs() < 1) for height in (7, 21))
        if head.any() and shoulders.any() and not hidden[:, [0, -1]].any():
            assert head.sum(dim=1).max() < shoulders.sum(dim=1).max()
    assert 0.8 <= min(scales) < 1.0 and 1.4 < max(scales) <= 1.71
    assert 15 < mirrored < 45


def test_an_occluder_can_be_brought_into_the_light_of_the_image():
    generator = torch.Generator().manual_seed(4)
    image = 0.2 * torch.randn(3, 64, 32, generator=generator) - 1.0
    pixels = 3.0 + torch.randn(3, 64, 32, generator=generator)
    for _ in range(20):
        got = occluders._in_the_light_of(image, pixels, generator)
        assert abs(got.mean() - image.mean()) < 1.5 * image.std()
        assert got.std() < 2 * image.std()


def test_collate_occludes_some_and_repeats_itself():
    items = [(torch.randn(3, 64, 32), label, 10 + label) for label in range(6)]
    collate = Collate(occluded=4, feature_size=(4, 2))
    batch, again = collate(items), collate(items)
    assert batch.labels.tolist() == list(range(6)) and len(set(batch.source.tolist())) == 4
    assert batch.occluded.shape == (4, 3, 64, 32) and batch.visible.shape == (4, 4, 2)
    for first, second in zip(batch, again, strict=True):
        assert torch.equal(first, second)
    for row, index in enumerate(batch.source):
        same = (batch.occluded[row] == batch.images[index]).all(dim=0)
        assert 0.25 < same.float().mean() < 0.95
    assert len(Collate(0, (4, 2))(items).source) == 0
