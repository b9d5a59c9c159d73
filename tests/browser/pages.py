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
