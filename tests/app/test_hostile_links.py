"""Links that nobody would make: every page shows a sentence or its defaults, never a fault."""

import pytest
from streamlit.testing.v1 import AppTest

from app.main import VIEWS
from app.shared import lab_link
from app.shared.search_state import LINKED as SEARCH
from app.shared.search_state import PAGES
from app.views.atlas import state as atlas
from app.views.compare import state as compare
from app.views.inspect import state as inspect
from app.views.model import page as model
from tests.app.pages import run, script
from tests.hostile import NAMES

WORST = "".join(NAMES), "9" * 4000, "upload:-1"
GROUPS = {
    "inspect": inspect.LINKED, "lab": lab_link.LINKED, "atlas": atlas.LINKED,
    "compare": compare.LINKED, "model": model.LINKED, **dict.fromkeys(PAGES, SEARCH),
}  # fmt: skip
SUBJECTS = ("left", "picture", "query", "gallery")
"""Choices without which a page shows little more than one sentence."""
OPEN = {"compare": {"a": "path", "b": "path"}, "failures": {"tab": "Compare"}}
"""What opens parts of pages that the rest of an address can be about."""


@pytest.mark.parametrize("page", VIEWS)
def test_no_link_is_a_fault(small, page):
    names = [*GROUPS[page].named(page), "tour", "nobody"]
    rest = [name for name in names if name not in SUBJECTS]
    for number, worst in enumerate(WORST):
        for chosen in (names, rest):
            app = AppTest.from_string(script(page), default_timeout=300)
            app.query_params.update(dict.fromkeys(chosen, worst))
            if number % 2:
                app.query_params.update(OPEN.get(page, {}))
            run(app)
