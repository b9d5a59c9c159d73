"""Takes the pictures of the pages: `make screenshots`, or `python -m docs.screenshot [NAME ...]`.

Starts the application, opens each page in Chromium, saves `docs/NAME.png`, ends it. Failures and
atlas work out what they show, which takes a minute where they have not been opened before.
"""

import os
import sys

from playwright.sync_api import sync_playwright

from benchmarks.application import ROOT, started

BARS = ".js-plotly-plot .bars path"
PAGES = {
    "lab": ("lab", ".seen .strip img"),
    "inspect": ("?opacity=60", BARS),  # a link: nobody is offered the tour
    "retrieve": ("retrieve", BARS),
    "failures": ("failures", "[data-testid=stDataFrame]"),
    "atlas": ("atlas", "[data-testid=stDownloadButton] button"),
    "model": ("model", ".facts.tiles"),
    "map": ("map?placed=query/7001_c4s1_942357_01.jpg", ".stage canvas"),
}
"""Path of every page, and what is there once it is drawn."""
CLICKS = {"map": (".scatter .legend button:nth-child(6)", ".cut[style]")}
"""What is clicked before the picture is taken, and what is there afterwards."""
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def main() -> None:
    """Start, wait, save, end."""
    with started(patient=True) as (_, address):
        _save(address, sys.argv[1:] or list(PAGES))


def _save(address: str, names: list[str]) -> None:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        for name in names:
            path, sign = PAGES[name]
            for _ in range(2):  # the second visit shows the milliseconds of a warm network
                page.goto(address + path)
                page.wait_for_selector(sign, timeout=600_000)
                page.wait_for_timeout(2500)
            if name in CLICKS:
                button, sign = CLICKS[name]
                page.click(button)
                page.wait_for_selector(sign, timeout=60_000)
                page.wait_for_timeout(1000)
            page.screenshot(path=ROOT / "docs" / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
