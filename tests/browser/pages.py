"""What several browser tests do with a page."""

import re
from pathlib import Path

IDLE = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  return app?.dataset.testConnectionState === "CONNECTED"
    && app.dataset.testScriptState === "notRunning" && !app.querySelector("[data-stale=true]");
}"""
"""Runs in the page: whether all that it shows is of the last run."""


def idle(page):
    """Wait until the page is drawn and nothing runs any more."""
    page.wait_for_function(IDLE)


def download(page, name):
    """The bytes of the file behind a download button, once the page is drawn."""
    idle(page)
    return fetched(page, name)


def fetched(page, name):
    """The same in this instant, whatever the page is about."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(coming.value.path()).read_bytes()


def open_row(page, table):
    """Press the first row of a table of queries until its pair is opened.

    The table is painted on a canvas, row by row, and takes no click before.
    """
    idle(page)
    table.get_by_test_id("glide-cell-1-0").wait_for(state="attached")
    for x in (100, 160):  # a pointer comes from somewhere
        table.hover(position={"x": x, "y": 70})
    table.click(position={"x": 160, "y": 70})
    page.wait_for_url(re.compile("/pair.*match="))


def at(page, **names):
    """Wait until the address says so; None for a name that it must not have."""
    page.wait_for_function(
        """names => {
          const said = new URL(location).searchParams;
          return Object.entries(names).every(([name, value]) =>
            value === null ? !said.has(name) : said.get(name)?.startsWith(value));
        }""",
        arg=names,
    )


def run_until(page, sign):
    """Ask for the work of a page until the sign of its result is there.

    Returns:
        How often it had to be asked for.
    """
    shown, run = page.locator(sign).first, page.get_by_role("button", name="Run", exact=True)
    asked = 0
    while True:
        shown.or_(run).first.wait_for()
        idle(page)
        if shown.is_visible():
            return asked
        if run.is_visible():
            run.click()
            asked += 1
