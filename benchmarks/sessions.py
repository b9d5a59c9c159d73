"""Many visitors at once: what goes wrong, what memory does, how long a page takes.

Run as `python -m benchmarks.sessions --sessions 20 --minutes 10`. Starts the application on a free
port and one Chromium with a context for each visitor: cookies, storage and cache of their own, but
one browser, since twenty would not fit on a small machine. Every visitor walks through the pages
again and again and rests a moment on each. The command fails where a page shows an error, the
browser's console or the server's log has one, or a page is not drawn in time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright

from benchmarks.application import ROOT, started
from tests.browser.pages import IDLE

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BARS = ".js-plotly-plot .bars path"
WALK = (
    ("Inspect", "?left=query/{}", BARS),
    ("Occlusion lab", "", ".seen .strip img"),
    ("Retrieve", "retrieve?query=query/{}", BARS),
    ("Pair", "", ".panel.pair"),
    ("Failures", "", "[data-testid=stDataFrame]"),
    ("Map", "", ".stage canvas"),
    ("Atlas", "", "[data-testid=stDownloadButton] button"),
)
"""A page's name, the link by which it is opened (else by a click), and what is there once drawn."""
WRONG = "[data-testid=stException], [data-testid=stAlertContentError]"
SOUGHT = re.compile(r"/\w+/_stcore/(health|host-config)$")
"""Addresses that Streamlit tries."""
PATIENCE = 180_000
"""Milliseconds after which a page counts as not drawn."""
EVERY = 2.0
"""Seconds between two looks at the memory."""


class Found:
    """What all visitors saw.

    Attributes:
        spent: Seconds until a page was drawn, by its name.
        errors: How often what went wrong, and where.
    """

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.spent: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()

    def wrong(self, where: str, what: object) -> None:
        """Note that something went wrong."""
        self.errors[f"{where}: {' '.join(str(what).split())[:300]}"] += 1


def main() -> int:
    """Start, walk, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--warm", type=float, default=3.0, help="minutes before memory counts")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds of rest on a page")
    options = parser.parse_args()
    found = Found()
    with _application() as (server, address, log):
        memory = asyncio.run(_visits(server, address, options, found))
        for line in log.read_text().splitlines():
            if "Traceback" in line or "Error" in line:
                found.wrong("log", line)
    _tell(found, np.array(memory), 60 * options.warm)
    return 1 if found.errors else 0


@contextmanager
def _application() -> Iterator[tuple[psutil.Process, str, Path]]:
    """The application on a free port, with what it wrote so far."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as written, started(patient=True, output=written) as (server, address):
            yield psutil.Process(server.pid), address, log


async def _visits(
    server: psutil.Process, address: str, options: argparse.Namespace, found: Found
) -> list[tuple[float, float]]:
    """Let all visitors walk; seconds and MB of the server's memory."""
    pictures = sorted(path.name for path in (ROOT / "sample_data" / "query").iterdir())
    end = time.monotonic() + 60 * options.minutes
    memory: list[tuple[float, float]] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        watching = asyncio.create_task(_watch(server, memory))
        await asyncio.gather(
            *(
                _visitor(browser, address, random.Random(n), pictures, end, options.pause, found)
                for n in range(options.sessions)
            )
        )
        watching.cancel()
        await browser.close()
    return memory


async def _watch(server: psutil.Process, memory: list[tuple[float, float]]) -> None:
    began = time.monotonic()
    while True:
        memory.append((time.monotonic() - began, server.memory_info().rss / 1e6))
        await asyncio.sleep(EVERY)


async def _visitor(
    browser: Browser,
    address: str,
    rng: random.Random,
    pictures: list[str],
    end: float,
    pause: float,
    found: Found,
) -> None:
    """Walk until the time is over, at a pace of one's own."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: found.wrong("page", error))
    page.on("console", lambda said: _console(said, found))
    while time.monotonic() < end:
        for name, link, sign in WALK:
            await asyncio.sleep(pause * (0.5 + rng.random()))
            if time.monotonic() > end:
                break
            try:
                began = time.monotonic()
                await _open(page, address, name, link.format(rng.choice(pictures)) if link else "")
                await page.wait_for_selector(sign, state="attached")
                await page.wait_for_function(IDLE, polling=100)
                found.spent[name].append(time.monotonic() - began)
                for text in await page.locator(WRONG).all_inner_texts():
                    found.wrong(name, text)
            except Error as error:
                found.wrong(name, error)
    await context.close()


def _console(said: ConsoleMessage, found: Found) -> None:
    """Note an error of the console.

    Below a page's path Streamlit looks for itself there first: those two answers of 404 are its way
    of finding out where it is.
    """
    if said.type == "error" and not SOUGHT.search(said.location["url"]):
        found.wrong("console", f"{said.text} {said.location['url']}")


async def _open(page: Page, address: str, name: str, link: str) -> None:
    """Follow a link from elsewhere, or click in the navigation."""
    if link:
        await page.goto(address + link)
        return
    path = "lab" if name == "Occlusion lab" else name.lower()
    await page.get_by_role("link", name=name, exact=True).click()
    await page.wait_for_url(lambda url: f"/{path}" in url)


def _tell(found: Found, memory: np.ndarray, warm: float) -> None:
    """Print the tables."""
    print("| page | times drawn | median, s | 95 % within, s |\n|---|---|---|---|")
    for name, _, _ in WALK:
        if spent := found.spent[name]:
            middle, most = np.percentile(spent, (50, 95))
            print(f"| {name} | {len(spent)} | {middle:.1f} | {most:.1f} |")
    after = memory[memory[:, 0] >= warm]
    if len(after) > 2:
        slope, _ = np.polyfit(after[:, 0] / 60, after[:, 1], 1)
        print(f"\nmemory of the server: {memory[0, 1]:.0f} MB at first, {after[0, 1]:.0f} MB after "
              f"{warm / 60:.1f} min, {memory[-1, 1]:.0f} MB in the end; {slope:+.1f} MB a minute "
              "after the warm-up")  # fmt: skip
        at = np.linspace(0, len(memory) - 1, 11).astype(int)
        print("MB over time:", ", ".join(f"{memory[i, 0] / 60:.1f} min {memory[i, 1]:.0f}"
                                         for i in at))  # fmt: skip
    print(f"\nerrors: {sum(found.errors.values())}")
    for what, times in found.errors.most_common(30):
        print(f"- {times} x {what}")


if __name__ == "__main__":
    sys.exit(main())
