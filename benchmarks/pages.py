"""Seconds until pages of the samples are drawn, and until long work of the lab is done.

Run as `python -m benchmarks.pages [--address http://localhost:8501/]` after `make prepare`; without
an address it starts the application itself, and the first visit is a cold start: its seconds run
from that start and, in brackets, from the asking. All others run from the asking for the page to
the moment when what it is about stands in Chromium.
"""

from __future__ import annotations

import argparse
import contextlib
import time

from playwright.sync_api import Page, sync_playwright

from benchmarks.lab_stroke import CHROMIUM, served

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHOTO, MAPS = ".panel .strip img", "img[alt^='landmark']"
PAGES = {
    "Inspect": ("inspect", MAPS),
    "Failures": ("failures", "[data-testid=stDataFrame]"),
    "Map": ("map", ".stage canvas"),
    "Atlas": ("atlas", ".atlas .tile"),
}
"""Path of every page, and what is there once it is drawn."""
WORK = {
    "Sweep": ("Sweep", ".player .panels section svg"),
    "Where does it hurt": ("Where+does+it+hurt", ".attribution figure >> nth=3"),
    "Counterfactual": ("Counterfactual", ".counterfactual"),
}
"""Tab of the lab, and what is there once its work is done."""
PATIENCE = 600_000


def main() -> None:
    """Open everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="a running application; one is started without it")
    parser.add_argument("--repeats", type=int, default=3, help="visits of a page")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE)
        began = time.perf_counter()
        with contextlib.nullcontext(options.address) if options.address else served() as address:
            measure(page, address, options.repeats, began)
        browser.close()


def measure(page: Page, address: str, repeats: int, began: float) -> None:
    """Print every figure as soon as it is known."""
    asked = time.perf_counter()
    page.goto(address)
    for name, sign in (("first picture", PHOTO), ("first maps", MAPS)):
        page.locator(sign).first.wait_for()
        now = time.perf_counter()
        print(f"first visit, {name}: {now - began:.1f} s ({now - asked:.1f} s)", flush=True)
    for name, (path, sign) in PAGES.items():
        seconds = [_drawn(page, address + path, sign) for _ in range(repeats)]
        print(f"{name}: {', '.join(f'{each:.1f}' for each in seconds)} s", flush=True)
    for name, (tab, sign) in WORK.items():
        page.goto(f"{address}lab?tab={tab}")
        print(f"{name}: {_worked(page, sign):.1f} s", flush=True)


def _drawn(page: Page, address: str, sign: str) -> float:
    page.goto("about:blank")
    began = time.perf_counter()
    page.goto(address)
    page.locator(sign).first.wait_for()
    return time.perf_counter() - began


def _worked(page: Page, sign: str) -> float:
    """From the click on Run, or from now where it begins unasked."""
    run = page.get_by_role("button", name="Run", exact=True)
    began = time.perf_counter()
    run.or_(page.locator(sign).first).first.wait_for()
    if run.is_visible():
        began = time.perf_counter()
        run.click()
    page.locator(sign).first.wait_for()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
