"""Networks of one and of ten landmarks in Chromium: every number in its column, nothing cut."""

import pytest

from tests.browser.pages import idle, run_until

pytestmark = pytest.mark.slow
SIGNS = {"": ".js-plotly-plot .bars path", "lab": ".strip.lab .cell", "pair": ".verdict"}
"""Pages with a column a landmark, and what tells that they are drawn."""
OVERLAPS = """() => {
  const said = [];
  for (const cell of document.querySelectorAll(".strip .cell:not(.total), .strip .head")) {
    const box = cell.getBoundingClientRect(), text = document.createRange();
    text.selectNodeContents(cell);
    for (const part of text.getClientRects())
      if (part.left < box.left - 4 || part.right > box.right + 4) said.push(cell.innerText);
  }
  return said;
}"""
"""Runs in the page: what stands out of its column by more than the gap to the next."""


@pytest.fixture(scope="module", params=[1, 10])
def count(request):
    """Of landmarks."""
    return request.param


@pytest.fixture(scope="module")
def settings(tiny_settings, tiny_model, tmp_path_factory, count):
    """A few identities, a tiny network with so many landmarks."""
    from aonet_core.model import save_checkpoint

    network = tiny_model("aonet_lens", num_landmarks=count)
    file = save_checkpoint(tmp_path_factory.mktemp("count") / "net", network, {})
    return tiny_settings | {"AONET_CHECKPOINT": str(file)}


def test_every_number_stands_in_its_column(page, address, count):
    page.set_default_timeout(120_000)
    for name, sign in SIGNS.items():
        page.goto(address + name)
        run_until(page, sign)
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            idle(page)
            assert page.evaluate(OVERLAPS) == [], (name, width)
        page.set_viewport_size({"width": 1440, "height": 900})
        strip = page.locator(".strip.many, .strip.one").first
        assert strip.locator(".head", has=page.locator(".dot")).count() == count
