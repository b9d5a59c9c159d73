"""Pictures called anything: pages and files are made of the same parts, and run none of it."""

import csv
import io
import json
import os
import unicodedata
import zipfile
from collections import Counter
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from aonet_core.engine import connect
from aonet_core.names import FORMULA, readable
from app.shared import downloads, report
from tests.app.pages import run, script
from tests.hostile import NAMES
from tests.unit.test_galleries import png

WORST = NAMES[0], "".join(NAMES[6:])
"""All kinds, in few names."""
LINKS = ("data:image/", "./?", "inspect?", "pair?", "retrieve?")
"""What addresses in HTML begin with."""


class Parts(HTMLParser):
    """Tags with their attributes' names, addresses, and all text of HTML."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.text = Counter(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags[tag, *sorted(name for name, _ in attributes)] += 1
        for name, value in attributes:
            if name in ("src", "href"):
                self.addresses.append(value)
            elif name != "data-pick":  # what Python is told stays as it is
                self.text.append(value)

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def files(monkeypatch):
    """Names and makers of the files of all download buttons, by what these say."""
    found = {}

    def button(what, suffix, file_name, data, *_, **__):
        found[report.label(what, suffix)] = file_name, data

    monkeypatch.setattr(downloads, "button", button)
    return found


def is_clean(text):
    return not any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in text)


def is_number(text):
    try:
        return bool(float(text)) or True
    except ValueError:
        return False


def checked(app, files):
    """What can be said of a page and its files, whatever is in them; its HTML, by where it is."""
    shown = [each.proto.body for each in app.get("html")]
    shown += [json.loads(each.proto.json).get("html", "") for each in app.get("bidi_component")]
    found = {"page": Parts("\n".join(shown))}
    for label, (name, data) in files.items():
        data = data if isinstance(data, bytes) else data()
        assert is_clean(name) and len(name.encode()) < 200 and not set(name) & set("/\\:*?\"<>|'`")
        if label.startswith("CSV"):
            rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
            for each in (cell for row in rows for cell in row):
                assert is_clean(each) and (not each.startswith(FORMULA) or is_number(each)), each
            found[label] = rows
        elif label.startswith("HTML"):
            found[label] = Parts(data.decode())
        elif label.startswith("PNG"):
            Image.open(io.BytesIO(data)).load()
        elif label.startswith("JSON"):
            json.loads(data)
        elif label.startswith("NPZ"):
            dict(np.load(io.BytesIO(data), allow_pickle=False))
    files.clear()
    for parts in (each for each in found.values() if isinstance(each, Parts)):
        assert all(is_clean(each.replace("\n", " ")) for each in parts.text)
        assert all(each.startswith(LINKS) for each in parts.addresses)
    return found


def compare(found, tame, names):
    """Names change no part of any HTML, and can be read in what is made of them."""
    assert found.keys() == tame.keys() and len(found) > 1
    told = ""
    for label, parts in found.items():
        if isinstance(parts, Parts):
            assert parts.tags == tame[label].tags
            told += "\n".join(parts.text)
        else:
            told += "\n".join(cell for row in parts for cell in row)
    for name in names:
        assert readable(name)[:60] in told


def opened(page, **address):
    app = AppTest.from_string(script(page), default_timeout=300)
    app.query_params.update(address)
    return run(app)


@pytest.mark.parametrize(
    ("page", "field"), [("inspect", "files"), ("lab", "lab_files"), ("compare", "compare_files")]
)
def test_uploads(small, files, page, field):
    def uploaded(names):
        app = opened(page)
        files.clear()
        given = [(name, png(seed), "image/png") for seed, name in enumerate(names)]
        app.file_uploader(key=field).set_value(given)
        return checked(run(app), files)

    compare(uploaded(WORST), uploaded(("a.png", "b.png")), WORST[-1:])


@pytest.fixture
def gallery(folder):
    """Makes a gallery of pictures, or of a set in a ZIP file."""
    engine = connect(checkpoint=os.environ["AONET_CHECKPOINT"], galleries=folder / "galleries")

    def made(name, names, zipped=False):
        given = [(each, png(seed)) for seed, each in enumerate(names)]
        if zipped:
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w") as archive:
                for each in given:
                    archive.writestr(*each)
            given = file.getvalue()
        if name not in [each.name for each in engine.galleries()]:
            engine.build_gallery(name, given)
        return name

    return made


@pytest.mark.parametrize("page", ["retrieve", "pair", "atlas"])
def test_pictures_of_a_gallery(small, files, gallery, page):
    hostile, tame = [*WORST, *NAMES[-2:]], [f"{number}.png" for number in range(4)]
    both = []
    for name, names in (("hostile", hostile), ("tame", tame)):
        both.append(checked(opened(page, gallery=gallery(name, names)), files))
    compare(*both, hostile if page == "atlas" else hostile[:1])


def test_queries_of_a_set(small, files, gallery):
    def listed(*names):
        return [
            f"{folder}/000{pid}_c{camid}{name}.png"
            for camid, folder in enumerate(("query", "bounding_box_test"), 1)
            for pid, name in enumerate(names, 1)
        ]

    hostile = listed(*("".join(each.split("/")).replace("\0", "") for each in WORST))
    both = []
    for name, names in (("odd", hostile), ("even", listed("a", "b"))):
        both.append(checked(opened("failures", gallery=gallery(name, names, zipped=True)), files))
    compare(*both, hostile)
