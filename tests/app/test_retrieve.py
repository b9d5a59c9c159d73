"""Retrieve, Pair and Failures without a browser: normal, empty and error states, links."""

import base64
import io
import json
import os
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from aonet_core.engine import Edit, Fill, Rectangle, connect, edit_to_token, read_samples
from app.services import visitor
from app.shared import selection
from tests.app.pages import errors, run, script

pytestmark = pytest.mark.usefixtures("small")


def started(view, **link):
    app = AppTest.from_string(script(view), default_timeout=300)
    app.query_params.update(link)
    return run(app)


def html(app):
    return "\n".join(element.proto.body for element in app.get("html"))


def picks(app):
    """HTML of everything that can be clicked."""
    found = []
    for element in app.get("bidi_component"):
        found.append(json.loads(element.proto.json)["html"])
    return found


def cards(app):
    """Class, name, rank, similarity and shares of every card of the ranking."""
    parts = picks(app)[0].split("<a class='card ")[1:]
    return [
        {
            "kind": part.split("'")[0].strip(),
            "name": re.search(r"data-pick='([^']+)'", part)[1],
            "rank": re.search(r"<span class='top'><b>([^<]+)<", part)[1],
            "symbol": re.search(r"<em>([^<]*)</em>", part)[1],
            "similarity": float(re.search(r"class='foot'><b>([^<]+)<", part)[1].replace("−", "-")),
            # Bars stand upright, the first landmark on top, so the last comes first.
            "shares": [float(x) for x in re.findall(r"title='[^']*: ([+-][\d.]+)'", part)][::-1],
        }
        for part in parts
    ]


def sample(samples, role="query", **having):
    return next(
        s
        for s in samples.samples.values()
        if s.role == role and all(getattr(s, key) == value for key, value in having.items())
    )


def test_frames_and_symbols_tell_the_truth_and_shares_sum_to_the_similarity(small_samples):
    samples = read_samples(small_samples)
    query = sample(samples, pid=7009)
    app = started("retrieve", query=query.name)
    shown = cards(app)
    assert len(shown) == 20 and [card["rank"] for card in shown] == [str(n) for n in range(1, 21)]
    right = set(samples.right_matches(query))
    for card in shown:
        expected = ("right", "✓") if card["name"] in right else ("wrong", "✗")
        assert (card["kind"], card["symbol"]) == expected
        assert sum(card["shares"]) == pytest.approx(card["similarity"], abs=1e-3)
    similarities = [card["similarity"] for card in shown]
    assert similarities == sorted(similarities, reverse=True)
    assert not set(samples.junk(query)) & {card["name"] for card in shown}
    assert dict(app.query_params) == {"query": query.name}


def test_what_is_selected_elsewhere_stands_out_until_it_is_let_go():
    app = started("retrieve")
    chosen = cards(app)[3]["name"]
    (mine,) = visitor.everybody()._visitors.values()
    mine.choices[selection.KEPT] = {"sample": frozenset({chosen, "query/of-no-rank.jpg"})}
    run(app)
    assert [card["name"] for card in cards(app) if "selected" in card["kind"]] == [chosen]
    assert "class='cards some'" in picks(app)[0]
    next(button for button in app.button if button.label == "Clear selection").click()
    run(app)
    assert "selected" not in picks(app)[0] and "class='cards'" in picks(app)[0]


def test_junk_is_shown_grey_and_unranked_on_request(small_samples):
    samples = read_samples(small_samples)
    query = next(s for s in samples.samples.values() if s.role == "query" and samples.junk(s))
    link = {"query": query.name, "junk": "1", "top": "200"}
    everything, page = [], cards(started("retrieve", **link))
    while page[0] not in everything:  # the last page comes again
        everything += page
        page = cards(started("retrieve", page=str(len(everything) // 24 + 1), **link))
    junk = [card for card in everything if card["kind"] == "junk"]
    assert {card["name"] for card in junk} == set(samples.junk(query))
    assert all(card["rank"] == "–" and card["symbol"] == "junk" for card in junk)
    ranks = [int(card["rank"]) for card in everything if card["kind"] != "junk"]
    assert ranks == list(range(1, len(ranks) + 1))


def test_filters_leave_the_chosen_cameras(small_samples):
    samples = read_samples(small_samples)
    query = sample(samples)
    app = started("retrieve", query=query.name, cameras="1-2", elsewhere="1")
    cameras = {samples.samples[card["name"]].camid for card in cards(app)}
    assert cameras and cameras <= {1, 2} - {query.camid}
    nobody = started("retrieve", query=query.name, cameras=str(query.camid), elsewhere="1")
    assert any("No gallery picture is left" in each.value for each in nobody.info)


def test_choices_reach_the_address_and_a_link_restores_them(small_samples):
    app = started("retrieve")
    before = cards(app)
    app.select_slider(key="match_top").set_value(5)
    app.button_group(key="match_pills").set_value([1, 2])
    run(app)
    app = run(app)
    shown = cards(app)
    assert len(shown) == 5 and any(card["shares"][2:] != [0, 0, 0, 0] for card in before)
    assert all(card["shares"][2:] == [0, 0, 0, 0] for card in shown)
    link = dict(app.query_params)
    assert link["top"] == "5" and link["only"] == "1-2"
    assert cards(started("retrieve", **link)) == shown


def test_nonsense_in_a_link_falls_back_to_the_defaults():
    app = started("retrieve", top="7", form="x", only="a-b", least="5", cameras="?")
    assert len(cards(app)) == 20 and not app.error


def test_an_edit_of_the_lab_hides_parts_of_the_query(small_samples):
    query = sample(read_samples(small_samples))
    token = edit_to_token(Edit((Rectangle(0, 0, 200, 60),), Fill("black")))
    whole, hidden = (
        started("retrieve", query=query.name),
        started("retrieve", query=query.name, edit=token),
    )
    assert "hidden by hand" in html(hidden)
    assert [c["shares"] for c in cards(hidden)] != [c["shares"] for c in cards(whole)]
    next(b for b in hidden.button if b.label == "Show the whole query again").click()
    assert cards(run(hidden)) == cards(whole) and "edit" not in hidden.query_params


@pytest.mark.parametrize(
    "link, words",
    [
        ({"query": "query/none.jpg"}, "There is no sample query/none.jpg here"),
        ({"edit": "x" * 30}, ""),
        ({"gallery": "none"}, "there is no gallery"),
    ],
)
@pytest.mark.parametrize("page", ["retrieve", "pair"])
def test_what_is_not_there_is_told_in_a_sentence(page, link, words):
    app = started(page, **link)
    assert len(app.error) == 1 and words.lower() in errors(app)[0].lower()
    assert not picks(app)


def test_pair_adds_up_and_tells_the_ranking_without_each_landmark(small_samples):
    samples = read_samples(small_samples)
    query = sample(samples, pid=7009)
    right = samples.right_matches(query)[0]
    app = started("pair", query=query.name, match=right)
    page = html(app)
    lines = re.findall(r"<div class='line'>.*?<b>([+−][\d.]+|0\.000)</b></div>", page)
    *parts, total = [float(value.replace("−", "-")) for value in lines]
    assert len(parts) == 6 and sum(parts) == pytest.approx(total, abs=4e-3)
    removals, nearby = picks(app)
    assert removals.count("class='card removal") == 6 and "card right" in nearby
    assert "best wrong match" in page and app.query_params["match"] == right


def test_pair_of_a_picture_that_is_not_in_the_gallery():
    app = started("pair", match="bounding_box_test/none.jpg")
    assert "has no picture bounding_box_test/none.jpg" in errors(app)[0]


def test_failures_agree_with_the_metrics_and_causes_sum_to_all(small_samples):
    app = started("failures")
    page = html(app)
    valid = int(re.search(r"<b>(\d+) of (\d+)</b>", page)[2])
    failed = int(re.search(r"<b>(\d+) of (\d+)</b>", page)[1])
    rank1 = float(re.search(r"rank-1</span><b>([\d.]+)\s%", page)[1])
    assert rank1 == pytest.approx(100 * (1 - failed / valid), abs=0.06)
    counts = [int(n) for n in re.findall(r"</span><b>(\d+) · \d+\s%", page)]
    assert sum(counts) == failed
    table = app.dataframe[0].value
    # Pictures are large: Chromium paints the table on a canvas, its rows tell their height.
    assert app.dataframe[0].proto.row_height >= 64 + 2 * 4  # a cell has an edge above and below
    thumbnail = base64.b64decode(table["picture"].iloc[0].partition(",")[2])
    assert Image.open(io.BytesIO(thumbnail)).height >= 64
    assert len(table) == failed and (table["rank"] > 1).all()
    assert np.isclose(sorted(table["ap"]), table["ap"]).all()
    chosen = started("failures", cause="found")
    assert len(chosen.dataframe[0].value) == valid - failed


def test_a_failure_leads_to_its_neighbours_in_the_table(small_samples):
    failures = started("failures")
    listed = len(failures.dataframe[0].value)
    evaluation = connect(
        checkpoint=os.environ["AONET_CHECKPOINT"], samples=small_samples
    ).evaluate()
    failed = np.flatnonzero(evaluation.failed)
    worst = failed[np.argsort(evaluation.average_precision[failed], kind="stable")]
    for place in (0, listed - 1):
        pair = started("pair", query=str(evaluation.names[worst[place]]))
        assert f"{place + 1} of {listed} listed in Failures" in [c.value for c in pair.caption]
        ways = {b.label: b.disabled for b in pair.button if b.label in ("Previous", "Next")}
        assert ways == {"Previous": place == 0, "Next": place == listed - 1}
    # Found by name, and taken as the selection of all views.
    name = str(evaluation.names[worst[0]])
    found = started("failures", find=name[-15:].upper())
    assert len(found.dataframe[0].value) == 1
    next(button for button in found.button if button.label == "Select these").click()
    found.text_input(key="match_find").set_value("")
    run(found)
    assert len(found.dataframe[0].value) == listed
    found.toggle(key="match_selected").set_value(True)
    run(found)
    assert len(found.dataframe[0].value) == 1 and found.query_params["selected"] == "1"


def test_two_forms_are_compared_query_by_query(small_samples):
    app = started("failures", tab="Compare", form2="unweighted")
    page = html(app)
    won, lost, same = (
        int(re.search(rf"{name}</span><b>(\d+)", page)[1]) for name in ("won", "lost", "same")
    )
    queries = [s for s in read_samples(small_samples).samples.values() if s.role == "query"]
    assert won + lost + same == len(queries)
    assert "Choose another similarity" in started("failures", tab="Compare").info[0].value


def pictures(count):
    """File names and JPEGs, all different."""
    for seed in range(count):
        pixels = np.random.default_rng(seed).integers(0, 255, (60, 30, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG")
        yield f"{seed}.jpg", buffer.getvalue()


def test_a_gallery_of_unknown_pictures_has_no_frames_and_no_failures():
    engine = connect(checkpoint=os.environ["AONET_CHECKPOINT"])
    report = engine.build_gallery("mine", [*pictures(3), ("bad.jpg", b"no picture")])
    assert report.added == 3 and len(report.refused) == 1
    found = started("retrieve", gallery="mine", query="member:0.jpg")
    assert {card["name"] for card in cards(found)} == {"1.jpg", "2.jpg"}
    assert all(card["kind"] == "" and card["symbol"] == "" for card in cards(found))
    page = started("pair", gallery="mine", query="member:0.jpg")
    assert "the truth is not known" in html(page)
    failures = started("failures", gallery="mine")
    assert not failures.error and "Who is on the pictures" in failures.info[0].value
    assert {"Look for matches in it", "Failures of the samples"} <= {
        button.label for button in failures.button
    }


def test_failures_of_a_gallery_without_queries_are_those_of_its_pictures(tmp_path):
    names = ("0001_c1", "0001_c2", "0002_c1", "0002_c2")
    folder = tmp_path / "set" / "bounding_box_test"
    folder.mkdir(parents=True)
    for name, (_, data) in zip(names, pictures(4), strict=True):
        (folder / f"{name}s1_000001_00.jpg").write_bytes(data)
    engine = connect(checkpoint=os.environ["AONET_CHECKPOINT"])
    assert engine.build_gallery("own", folder.parent).added == 4
    found = engine.evaluate("own")
    assert len(found) == 4 and found.valid.all()
    app = started("failures", gallery="own")
    assert not app.error and not app.info and "4 queries in 4 pictures" in html(app)
    named = started("failures", gallery="own", cause="found").dataframe[0].value
    assert len(named) == int((found.first_rank == 1).sum())


def test_a_gallery_of_one_picture_has_nothing_besides_the_query():
    engine = connect(checkpoint=os.environ["AONET_CHECKPOINT"])
    engine.build_gallery("one", list(pictures(1)))
    app = started("retrieve", gallery="one", query="member:0.jpg")
    assert not app.error and "none besides the query" in app.info[0].value
