"""`python -m aonet_core gallery` from end to end."""

import pytest
from PIL import Image

from aonet_core.cli import main
from aonet_core.engine import connect
from aonet_core.model import save_checkpoint


@pytest.fixture
def run(tmp_path, capsys):
    """Run the command on galleries of this test alone."""

    def command(*words):
        status = main(["gallery", *map(str, words), "--store", str(tmp_path / "store")])
        return status, capsys.readouterr()

    return command


@pytest.fixture
def checkpoint(tiny_model, tmp_path):
    return save_checkpoint(tmp_path / "tiny", tiny_model(), {})


def test_build_list_and_delete(run, noise_set, checkpoint, tmp_path):
    status, printed = run("list")
    assert status == 0 and "no galleries in" in printed.out
    words = ("build", "noise", noise_set, "--checkpoint", checkpoint)
    status, printed = run(*words)
    assert status == 0
    assert printed.out.startswith("noise: 40 images added, 0 were there, 0 duplicates and 0 unus")
    status, printed = run(*words)
    assert printed.out.startswith("noise: 0 images added, 40 were there")
    status, printed = run("list")
    digest = connect(checkpoint=checkpoint).info().digest[:12]
    expected = "noise: 20 images and 20 queries of data set market1501, made with checkpoint "
    assert status == 0 and printed.out == f"{expected}{digest}\n"
    engine = connect(checkpoint=checkpoint, galleries=tmp_path / "store")
    name = engine.queries("noise").names[0]
    assert engine.rank(engine.picture("noise", name), "noise").total == 20
    status, printed = run("delete", "noise")
    assert status == 0 and printed.out == "noise: deleted\n"
    assert "no galleries in" in run("list")[1].out


def test_what_is_left_out_is_told(run, checkpoint, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    Image.effect_noise((32, 64), 80).save(folder / "good.png")
    (folder / "twice.png").write_bytes((folder / "good.png").read_bytes())
    for number in range(12):
        (folder / f"{number:02d}.png").write_bytes(b"broken")
    status, printed = run("build", "mixed", folder, "--checkpoint", checkpoint)
    assert status == 0
    lines = printed.out.splitlines()
    assert "1 images added, 0 were there, 1 duplicates and 12 unusable" in lines[0]
    assert lines[1].startswith("  00.png: 00.png is not an image") and lines[-1] == "  and 2 more"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("build", "x", "nowhere"), "no pictures at nowhere"),
        (("build", "../x", "."), "a gallery's name must be"),
        (("build", "x", "{noise}", "--dataset", "best"), "data set must be auto"),
        (("delete", "x"), "there is no gallery 'x'"),
    ],
)
def test_trouble_is_one_sentence(run, noise_set, checkpoint, words, sentence):
    words = [word.format(noise=noise_set) for word in words]
    words += ["--checkpoint", str(checkpoint)] if words[0] == "build" else []
    status, printed = run(*words)
    assert status == 2 and sentence in printed.err
    assert "Traceback" not in printed.err and printed.err.strip().count("\n") == 0
