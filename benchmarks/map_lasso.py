"""Time from the end of a lasso over 60,000 points to the pictures of what was selected.

Run as `python -m benchmarks.map_lasso [--points 60000] [--lassos 20]`. The map is synthetic: points
in clumps, each belonging to a picture of the samples, of which several share one; it is put where
the engine keeps its maps, so that the application opens it as its own. Lassos are drawn in Chromium
as a visitor does; the clock runs in the page, from the pointer's release to the frame in which
other pictures stand beside the map. Every lasso takes other points, so pictures are read and looked
at by the network as on a first visit, except where one was shown before.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile

import numpy as np

from benchmarks.lab_stroke import CHROMIUM, served

CLOCK = """() => {
  window.lassos = [];
  const shown = () => document.querySelector(".cards.points")?.innerHTML;
  document.addEventListener("pointerup", (event) => {
    if (!event.composedPath().some((each) => each.classList?.contains("stage"))) return;
    const before = shown(), began = performance.now();
    const look = () => shown() && shown() !== before
      ? window.lassos.push(performance.now() - began) : requestAnimationFrame(look);
    look();
  }, true);
}"""
"""Runs in the page: how long each release of the pointer takes to change the pictures, in ms."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=60_000)
    parser.add_argument("--lassos", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        from aonet_core.gallery.listing import galleries_folder

        os.environ.setdefault("AONET_GALLERIES", str(galleries_folder()))
        os.environ["AONET_CACHE"] = folder
        prepare(options.points)
        load = os.getloadavg()[0]
        with served() as address:
            times, selected = draw(address + "map", options.lassos)
    print(
        f"{options.points:,} points, {len(times)} lassos over {min(selected):,} to "
        f"{max(selected):,} of them: median {statistics.median(times):.0f} ms, 95 % within "
        f"{np.percentile(times, 95):.0f} ms, fastest {min(times):.0f} ms; load of the machine "
        f"before {load:.1f} on {os.cpu_count()} processors"
    )


def prepare(points: int) -> None:
    """Put a synthetic map of the samples where the engine keeps its maps."""
    from aonet_core.analysis.projection.space import Space
    from aonet_core.analysis.projection.umap_projection import Layout
    from aonet_core.engine import connect
    from aonet_core.engine.local.projection import write_map
    from aonet_core.results.projection import Projection, ProjectionSpec, Quality

    engine, spec = connect(), ProjectionSpec()
    gallery = engine._gallery("sample")
    info, rng = gallery.info, np.random.default_rng(0)
    count = engine.info().num_landmarks
    pictures = points // count
    rows = rng.integers(0, len(info.names), pictures)
    clump = rng.uniform(-10, 10, (300, 2))[rng.integers(0, 300, pictures * count)]
    coordinates = (clump + 0.4 * rng.standard_normal(clump.shape)).astype(np.float32)
    nothing = np.full(len(coordinates), np.nan, np.float32)
    projection = Projection(
        spec=spec, checkpoint=engine.info().digest, gallery="sample", revision=info.revision,
        method="umap", coordinates=coordinates,
        image=np.repeat(np.arange(pictures, dtype=np.int32), count),
        landmark=np.tile(np.arange(count, dtype=np.int16), pictures),
        stars=coordinates[:count], star_landmark=np.arange(count, dtype=np.int16),
        star_kind="mean", names=np.array(info.names)[rows], is_query=np.zeros(pictures, bool),
        pids=np.array(info.pids)[rows], camids=np.array(info.camids)[rows],
        awareness=rng.random((pictures, count), dtype=np.float32),
        visibility=rng.random((pictures, count), dtype=np.float32),
        average_precision=np.full(pictures, np.nan, np.float32),
        occluder=np.full(pictures, "", dtype=np.str_), landmark_purity=nothing,
        identity_purity=nothing, components=2, variance=1.0,
        quality=Quality(10, 0, *[float("nan")] * 7), notes=("A synthetic map for a benchmark.",),
    )  # fmt: skip
    space = Space("euclidean", np.zeros(2, np.float32), np.empty((0, 2), np.float32), 1.0)
    nobody = np.empty((len(coordinates), 0), np.int32)
    layout = Layout(spec, space, coordinates, nobody, nobody, coordinates, "umap")
    write_map(engine._file(gallery, spec), projection, layout)


def draw(address: str, lassos: int) -> tuple[list[float], list[int]]:
    """Draw round lassos one after the other: the time each took in ms, and the points it took."""
    from playwright.sync_api import sync_playwright

    rng = np.random.default_rng(0)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    selected = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector(".stage canvas", timeout=180_000)
        page.wait_for_timeout(3000)
        page.evaluate(CLOCK)
        box = page.locator(".stage").bounding_box()
        for number in range(lassos + 2):  # the first two warm up
            middle = rng.uniform(0.35, 0.65, 2)
            radius = rng.uniform(0.05, 0.3)
            turns = np.linspace(0, 6, 12)
            corners = middle + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
            corners = (box["x"], box["y"]) + corners * (box["width"], box["height"])
            page.mouse.move(*corners[0])
            page.mouse.down()
            for corner in corners[1:]:
                page.mouse.move(*corner, steps=3)
            page.mouse.up()
            page.wait_for_function(f"window.lassos.length > {number}", timeout=60_000)
            told = page.locator(".scatter output").inner_text()
            selected.append(int(told.split()[0].replace(",", "")))
            page.wait_for_timeout(300)  # as a hand would pause
        times = page.evaluate("window.lassos")[2:]
        browser.close()
    return times, selected[2:]


if __name__ == "__main__":
    main()
