"""The browser side of a visit by itself in Chromium: what is a step of history and what is not."""

import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "app" / "shared" / "visit.js"
ORIGIN = "http://lens.test"
GIVEN = {
    "minor": ["opacity"],
    "cookie": "aonet_visitor",
    "secret": "s" * 43,
    "seconds": 3600,
    "titles": {"upload:1": "me.png"},
    "asked": [],
    "forget": False,
}


@pytest.fixture
def visit(page):
    """A page with nothing but the script; helpers act as Streamlit and the visitor do."""
    script = SCRIPT.read_text().replace("export default function (", "window.visit = function (")
    html = f"<!doctype html><button>act</button><script type='module'>{script}</script>"
    page.route(f"{ORIGIN}/**", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{ORIGIN}/retrieve")
    page.wait_for_function("!!window.visit")
    page.evaluate("window.told = {}")

    class Visit:
        def given(self, **changed):
            data = json.dumps(GIVEN | changed)
            page.evaluate(f"visit({{data: {data}, setStateValue: (n, v) => told[n] = v}})")
            return page.evaluate("told")

        def act(self):
            page.get_by_role("button").click()

        def write(self, *addresses):
            """How many entries were added by what Streamlit writes."""
            before = page.evaluate("history.length")
            for address in addresses:
                page.evaluate("to => history.pushState({}, '', to)", address)
            assert page.url == ORIGIN + addresses[-1]
            return page.evaluate("history.length") - before

    found = Visit()
    found.given()
    return found


def test_one_click_is_one_entry_however_often_the_address_is_written(visit, page):
    assert visit.write("/retrieve?query=a") == 0  # filled in by itself
    visit.act()
    assert visit.write("/retrieve?query=b") == 1
    visit.act()
    assert visit.write("/retrieve?query=b&opacity=5") == 0  # a look
    # On the way to another page.
    visit.act()
    assert visit.write("/retrieve", "/pair", "/pair?query=b", "/pair?query=b&match=c") == 1
    page.evaluate("history.back()")
    page.wait_for_url(f"{ORIGIN}/retrieve?query=b&opacity=5")
    page.evaluate("history.back()")
    page.wait_for_url(f"{ORIGIN}/retrieve?query=a")
    visit.act()
    assert visit.write("/lab", "/lab?picture=a") <= 1
    assert page.url == f"{ORIGIN}/lab?picture=a"


def test_the_key_stays_names_are_told_when_asked_and_forgetting_deletes_all(visit, page):
    (kept,) = page.context.cookies()
    assert (kept["value"], kept["sameSite"]) == (GIVEN["secret"], "Strict")
    assert "titles" not in visit.given(titles={}, asked=["upload:2"])
    told = visit.given(titles={}, asked=["upload:1"], secret="t" * 43)
    # The key that was there first counts in every tab.
    assert told == {"titles": {"upload:1": "me.png"}, "secret": GIVEN["secret"]}
    visit.write("/retrieve?query=a")
    with page.expect_navigation():
        data = json.dumps(GIVEN | {"forget": True})
        page.evaluate(f"() => void setTimeout(() => visit({{data: {data}}}))")
    page.wait_for_function("!!window.visit")
    assert page.url == f"{ORIGIN}/retrieve" and not page.context.cookies()
    assert page.evaluate("Object.keys(localStorage)") == []
