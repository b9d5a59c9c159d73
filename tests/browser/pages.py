"""What several browser tests do with a page."""

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
