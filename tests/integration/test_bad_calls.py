"""Calls of every command that cannot work: one sentence, exit status 2, no traceback."""

import json
import shutil
import socket

import numpy as np
import pytest
from PIL import Image

from aonet_core import cli
from aonet_core.model import save_checkpoint
from tests.engine_server import free_port

HUGE = str(10**25)
TRAIN = "train --config base_gap --data {noise} --out {new}"
SMALL = " --set backbone=resnet18 --set image_size=[64,32] --set workers=0"
SMALL += " --set identities=2 --set images=2 --set backbone_weights=none"
SEARCH = "gallery search {made} {picture} --checkpoint {tiny} --store {store}"
ON_RAY = "gallery build x {pictures} --checkpoint {tiny} --store {store} --ray"
SERVE = "serve --checkpoint tiny={tiny} --samples {noise} --store {store}"
CALLS = {
    # the application
    "app --port 0": "--port must be from 1 to 65535, got 0",
    f"app --port {HUGE}": "--port must be from 1 to 65535",
    "app --samples {nowhere}": "no folder of samples at",
    # train
    "train --config {nowhere}": "no recipe",
    "train --config {text} --data {noise} --out {new}": "must be a mapping of fields to values",
    "train --config {binary} --data {noise} --out {new}": "binary.bin",
    "train --config {folder}": "no recipe",
    "train --config base_gap --data {nowhere} --out {new}": "no data set at",
    "train --config base_gap --data {text} --out {new}": "no data set at",
    f"{TRAIN} --set sharpness=3": "neither recipe nor network has a field sharpness",
    f"{TRAIN} --set sharpness": "--set expects FIELD=VALUE, got 'sharpness'",
    f"{TRAIN} --set epochs=[": "the value is not valid YAML",
    f"{TRAIN} --set epochs=many": "epochs must be of type int, got 'many'",
    f"{TRAIN} --epochs 0": "epochs must be at least 1, got 0",
    f"{TRAIN} --minutes nan": "minutes",
    f"{TRAIN} --minutes -1": "minutes",
    f"{TRAIN} --seed -1": "seed must not be negative, got -1",
    f"{TRAIN}{SMALL} --seed {HUGE}": "seed must be",
    f"{TRAIN}{SMALL} --set devices=1000": "devices is 1000, this machine has",
    f"{TRAIN} --set image_size=[0,0]": "image_size",
    f"{TRAIN} --set image_size=[64]": "image_size",
    f"{TRAIN} --set image_size=wide": "image_size",
    f"{TRAIN} --set image_size=[wide,high]": "image_size",
    f"{TRAIN} --set num_landmarks=0": "num_landmarks",
    f"{TRAIN} --set num_landmarks=six": "num_landmarks",
    f"{TRAIN} --set learning_rate=.nan": "learning_rate",
    f"{TRAIN} --set backbone=vgg": "backbone must be one of",
    f"{TRAIN} --set identities={HUGE}": "a batch needs",
    f"{TRAIN}{SMALL} --set backbone_weights={{nowhere}}": "nowhere",
    f"{TRAIN}{SMALL} --set backbone_weights={{text}}": "text.txt",
    f"{TRAIN}{SMALL} --resume": "no run to resume",
    f"train --config base_gap --data {{noise}} --out {{text}}{SMALL}": "text.txt",
    # adapt
    "adapt --saved {nowhere} --checkpoint {tiny} --out {new}": "nowhere",
    "adapt --saved {text} --checkpoint {tiny} --out {new}": "is no adapted network",
    "adapt --saved {text} --checkpoint {tiny} --remember": "--remember looks at pictures",
    # evaluate
    "evaluate --data {nowhere} --checkpoint {tiny}": "no data set at",
    "evaluate --data {empty} --checkpoint {tiny}": "needs a folder",
    "evaluate --data {noise} --checkpoint {nowhere}": "no checkpoint",
    "evaluate --data {noise} --checkpoint {cut}": "cut.safetensors is not the file its card",
    "evaluate --data {noise} --checkpoint {cardless}": "has no card",
    "evaluate --data {noise} --checkpoint {odd}": "num_landmarks must be of type int, got 'six'",
    "evaluate --data {noise} --checkpoint {tiny} --device cuda": "no device 'cuda': expected cpu",
    "evaluate --data {noise} --checkpoint {tiny} --device gpu": "no device 'gpu': expected cpu",
    "evaluate --data {noise} --checkpoint {tiny} --device cuda:7": "no device 'cuda:7': expected",
    "evaluate --data {noise} --checkpoint {tiny} --device meta": "no device 'meta': expected cpu",
    "evaluate --data {noise} --checkpoint {tiny} --dataset best": "data set must be auto",
    "evaluate --data {noise} --checkpoint {tiny} --dataset msmt17": "msmt17",
    "evaluate --data {noise} --checkpoint {tiny} --split validation": "validation",
    "evaluate --data {noise} --checkpoint {tiny} --dataset folder --split validation": "only synt",
    "evaluate --photos {nowhere} --checkpoint {tiny}": "nowhere",
    # embed
    "embed --data {nowhere} --checkpoint {tiny} --out {new}.npz": "no folder of images at",
    "embed --data {empty} --checkpoint {tiny} --out {new}.npz": "no images below",
    "embed --data {pictures} --checkpoint {tiny} --out {text}/x.npz": "text.txt",
    "embed --data {pictures} --checkpoint {tiny} --out {new}.npz --device gpu": "no device 'gpu'",
    # gallery
    "gallery build x {nowhere} --checkpoint {tiny} --store {store}": "no pictures at",
    "gallery build ../x {noise} --checkpoint {tiny} --store {store}": "a gallery's name must be",
    "gallery build x {text} --checkpoint {tiny} --store {store}": "zip file",
    "gallery build x {pictures} --checkpoint {tiny} --store {text}": "text.txt",
    "gallery build x {pictures} --checkpoint {tiny} --store {store} --device tpu": "no device",
    "gallery build x {pictures} --workers 2 --store {store}": "are options of --ray",
    f"{ON_RAY} --address {{nowhere}}": "Invalid address format",
    f"{ON_RAY} --address 127.0.0.1:{{free}}": "{free} (Connection refused): expected auto or HOST",
    "gallery list --store {text}": "must be a folder of galleries, got a file",
    "gallery delete x --store {store}": "there is no gallery 'x'",
    "gallery search nobody {picture} --checkpoint {tiny} --store {store}": "no gallery 'nobody'",
    "gallery search {made} {nowhere} --checkpoint {tiny} --store {store}": "nowhere",
    "gallery search {made} {folder} --checkpoint {tiny} --store {store}": "s a directory",
    "gallery search {made} {text} --checkpoint {tiny} --store {store}": "text.txt",
    f"{SEARCH} --top 0": "top",
    f"{SEARCH} --top -1": "top",
    f"{SEARCH} --form best": "form",
    f"{SEARCH} --approximate": "index",
    f"{SEARCH} --approximate --shards 2": "got both",
    f"{SEARCH} --probes 3": "settings of --approximate",
    f"{SEARCH} --shards 0": "at least 1 shard",
    f"{SEARCH} --shards -1": "at least 1 shard",
    f"{SEARCH} --shards 2 --address 127.0.0.1:{{free}}": "{free} (Connection refused)",
    f"{SEARCH} --shards 2 --address local": "at local (another form of address): expected auto or",
    f"{SEARCH} --address auto": "--address is for a search over --shards",
    "gallery index nobody --store {store}": "no gallery 'nobody'",
    "gallery index {made} --components 0 --store {store}": "components",
    f"gallery index {{made}} --components {HUGE} --store {{store}}": "components",
    "gallery index {made} --partitions 0 --store {store}": "partitions",
    "gallery index {made} --form best --store {store}": "form",
    # serve
    f"{SERVE} --port 99999": "port",
    f"{SERVE} --port {{taken}}": "{taken}",
    f"{SERVE} --host {{nowhere}}": "nowhere",
    f"{SERVE} --replicas none": "--replicas must be auto or a number from 1 on, got 'none'",
    f"{SERVE} --tls-cert {{text}}": "HTTPS needs both",
    f"{SERVE} --cluster 127.0.0.1:{{free}}": "no Ray cluster at 127.0.0.1:{free} (Connection",
    f"{SERVE} --slots 0": "slots",
    f"{SERVE} --waiting -1": "waiting",
    f"{SERVE} --threads -1": "threads",
    f"{SERVE} --seconds nan": "seconds",
    f"{SERVE} --most-mb nan": "most",
    f"{SERVE} --most-mb inf": "most",
    f"{SERVE} --folder {{nowhere}}": "nowhere",
    f"{SERVE} --checkpoint tiny={{tiny}}": "got tiny twice",
    "serve --checkpoint {nowhere}": "a checkpoint's name must be letters",
    # synth
    "synth --out {text}": "must be a folder, got a file",
    "synth --out {folder}": "is not empty",
    "synth --out {new} --images 0": "images",
    "synth --out {new} --cameras 0": "cameras",
    "synth --out {new} --seed -1": "seed",
    "synth --out {new} --workers 0": "workers",
    "synth --out {new} --identities -1": "-1",
    # report
    "report cost --rounds -1": "--rounds not negative",
    f"report cost --rounds 0 --identities {HUGE}": "identities",
    "report failures --data {nowhere} --checkpoint {tiny}": "no data set at",
    "report failures --data {noise} --checkpoint {tiny} --device gpu": "no device 'gpu'",
    "report ablation --data {noise} --test {noise} --only best --runs {new}": "rows are",
    "report ablation --data {nowhere} --test {noise} --runs {new}": "no data set at",
    "report ablation --data {noise} --test {nowhere} --runs {new}": "no data set at",
    "report ablation --data {noise} --test {noise} --epochs 0 --runs {new}": "epochs",
    "report ablation --data {noise} --test {noise} --size 0 0 --runs {new}": "image_size",
}


@pytest.fixture(scope="module")
def places(noise_set, tiny_model, tmp_path_factory):
    """What the calls name; nothing here changes."""
    home = tmp_path_factory.mktemp("calls")
    tiny = save_checkpoint(home / "tiny", tiny_model(), {})
    cut, odd, cardless = (home / f"{name}.safetensors" for name in ("cut", "odd", "cardless"))
    for copy in (cut, odd, cardless):
        shutil.copy(tiny, copy)
    cut.write_bytes(tiny.read_bytes()[:999])
    shutil.copy(tiny.with_suffix(".json"), cut.with_suffix(".json"))
    card = json.loads(tiny.with_suffix(".json").read_text())
    card["config"]["num_landmarks"] = "six"
    odd.with_suffix(".json").write_text(json.dumps(card))
    for name in ("empty", "folder", "pictures"):
        (home / name).mkdir()
    (home / "folder" / "note.txt").write_text("something")
    (home / "text.txt").write_text("no picture, no recipe\n")
    (home / "binary.bin").write_bytes(bytes(range(256)))
    pixels = np.random.default_rng(0).integers(0, 256, (64, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(home / "pictures" / "one.png")
    store = home / "store"
    words = ["gallery", "build", "made", str(noise_set), "--store", str(store)]
    assert cli.main([*words, "--checkpoint", str(tiny)]) == 0
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield {
            "noise": noise_set, "home": home, "tiny": tiny, "cut": cut, "odd": odd,
            "cardless": cardless, "empty": home / "empty", "folder": home / "folder",
            "pictures": home / "pictures", "picture": home / "pictures" / "one.png",
            "text": home / "text.txt", "binary": home / "binary.bin", "store": store,
            "made": "made", "nowhere": home / "nowhere",
            "taken": listening.getsockname()[1], "free": free_port(),
        }  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_cannot_work_is_one_sentence(places, tmp_path, capsys, call):
    known = places | {"new": tmp_path / "new"}
    status = cli.main([word.format(**known) for word in call.split()])
    lines = capsys.readouterr().err.splitlines()
    assert status == 2, lines
    assert lines[-1].startswith(f"{call.split()[0]}: ")
    assert CALLS[call].format(**known) in lines[-1]
    assert not any("Traceback" in line for line in lines)


USAGE = [
    "", "tran", "evaluate", "evaluate --data x --ap best", "evaluate --data x --photos y",
    "train --config base_gap --epochs many", "embed --data x", "gallery", "gallery sell x",
    "gallery search x", "serve --port http", "synth", "report", "report weather",
]  # fmt: skip


@pytest.mark.parametrize("call", USAGE)
def test_a_call_that_cannot_be_read_shows_how_it_is_written(capsys, call):
    with pytest.raises(SystemExit) as ended:
        cli.main(call.split())
    said = capsys.readouterr().err
    assert ended.value.code == 2 and said.startswith("usage: ") and ": error: " in said
