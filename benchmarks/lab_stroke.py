"""Time from the end of a stroke in the occlusion lab to the updated numbers on the page.

Run as `python -m benchmarks.lab_stroke [--address http://localhost:8501/]`; without an address it
starts the application itself. It draws in Chromium as a visitor does: the clock runs in the page,
from the pointer's release to the frame in which the new numbers stand there. Every stroke is undone
before the next one, so each changes a picture of the same state.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
from collections.abc import Iterator

import numpy as np

from benchmarks.application import started

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CLOCK = """() => {
  window.strokes = [];
  const numbers = () => document.querySelector(".seen")?.innerText;
  document.addEventListener("pointerup", (event) => {
    if (!event.composedPath().some((each) => each.classList?.contains("stage"))) return;
    const before = numbers(), began = performance.now();
    const look = () => numbers() !== before && numbers()
      ? window.strokes.push(performance.now() - began) : requestAnimationFrame(look);
    look();
  }, true);
}"""
"""Runs in the page: how long each release of the pointer takes to change the numbers, in ms."""

UNDONE = "(before) => document.querySelector('.seen')?.innerText === before"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="a running application; one is started without it")
    parser.add_argument("--strokes", type=int, default=20)
    options = parser.parse_args()
    with contextlib.nullcontext(options.address) if options.address else served() as address:
        times = draw(address.rstrip("/") + "/lab", options.strokes)
    print(
        f"{len(times)} strokes: median {statistics.median(times):.0f} ms, 95 % within "
        f"{np.percentile(times, 95):.0f} ms, slowest {max(times):.0f} ms"
    )


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The application on a free port."""
    with started() as (_, address):
        yield address


def draw(address: str, strokes: int) -> list[float]:
    """Draw brush strokes one after the other and return the time each took, in ms."""
    from playwright.sync_api import sync_playwright

    rng = np.random.default_rng(0)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector(".seen .strip img", timeout=180_000)
        page.get_by_title("Brush").click()
        page.evaluate(CLOCK)
        numbers = page.locator(".seen").inner_text()
        photo = page.locator(".canvas .photo").bounding_box()
        for number in range(strokes + 2):  # the first two warm up
            points = photo["x"], photo["y"]
            points = points + rng.uniform(0.1, 0.9, (6, 2)) * (photo["width"], photo["height"])
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point, steps=4)
            page.mouse.up()
            page.wait_for_function(f"window.strokes.length > {number}", timeout=30_000)
            page.get_by_title("Undo").click()
            page.wait_for_function(UNDONE, arg=numbers, timeout=30_000)
            page.wait_for_timeout(150)  # as a hand would pause
        times = page.evaluate("window.strokes")[2:]
        browser.close()
    return times


if __name__ == "__main__":
    main()
