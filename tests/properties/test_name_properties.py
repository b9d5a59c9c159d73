"""Whatever a name is made of, a table, a page and a file show it and run none of it."""

import csv
import html
import unicodedata

import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aonet_core.analysis.failures.tables import to_csv
from aonet_core.errors import in_a_sentence
from aonet_core.names import FORMULA, as_code, cell, in_markdown, readable
from aonet_core.reports.markdown import markdown_table
from app.charts import words
from app.shared import markup, report
from app.shared.csv_table import table
from tests.hostile import NAMES

SIGNS = "=+-@|`*_[](){}<>\"'&;:#!~$%\\/.,? \n\r\t\0\x1b\x7f\x9b\u202e\u2028\ud800＝"
PARTS = [*SIGNS, "a", "1", "img src=x", "&lt;"]
names = st.one_of(
    st.text(st.characters()),
    st.lists(st.sampled_from(PARTS), max_size=12).map("".join),
    st.sampled_from(NAMES),
)
markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def is_clean(text):
    """Nothing in it moves a cursor, turns the direction of writing or ends a line."""
    return not any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in text)


@given(names)
@example("a\u3000b\u00a0c")
def test_names_stay_readable(name):
    shown = readable(name)
    assert is_clean(shown) and readable(shown) == shown
    assert shown == name or not is_clean(name) or any(not each.isprintable() for each in name)
    assert is_clean(in_a_sentence(ValueError(name)))


@given(st.lists(names, min_size=1, max_size=4))
def test_cells_of_tables_are_never_formulas(given_names):
    shown = list(map(cell, given_names))
    frame = pd.DataFrame({"name": pd.Series(given_names, dtype=object), "number": -1.5})
    written = {
        "front end": table(given_names, [given_names]).decode().splitlines(),
        "core": to_csv(frame).decode().splitlines()[1:],
    }
    for line in written["front end"]:
        assert next(csv.reader([line])) == shown
    assert [row[0] for row in csv.reader(written["core"])] == shown
    for name, each in zip(given_names, shown, strict=True):
        assert is_clean(each) and not each.lstrip().startswith(FORMULA)
        assert each.removeprefix("'") == readable(name).removeprefix("'")


def text_of(source):
    """What Markdown shows, where it is nothing but text."""
    tokens = markdown.parse(source)
    assert [each.type for each in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children
    assert {each.type for each in children} <= {"text", "text_special"}
    return "".join(each.content for each in children)


@given(names)
@example("- a")
@example("== b")
@example("1. c")
def test_markdown_shows_names_as_they_are(name):
    told = f"picture {in_markdown(name)} is left out"
    assert text_of(told) == f"picture {readable(name).strip()} is left out"
    alone = in_markdown(f"{name}.")
    assert text_of(alone) == f"{readable(name)}.".strip()
    inline = markdown.parseInline(f"of {as_code(name)}.")[0].children
    assert [each.type for each in inline] == ["text", "code_inline", "text"]
    assert inline[1].content.strip() == readable(name).strip()


@given(names)
def test_markdown_tables_keep_their_cells(name):
    source = markdown_table(("a", "b"), [(as_code(name), in_markdown(name)), (name[:0], "|")])
    tokens = markdown.parse(source)
    assert [each.type for each in tokens].count("td_open") == 4
    kinds = {child.type for each in tokens for child in each.children or ()}
    assert kinds <= {"text", "text_special", "code_inline"}


@given(names)
def test_html_and_charts_show_names_as_they_are(name):
    for written in (markup.escape(name), words(name)):
        assert not set(written) & set("<>\"'")
    assert html.unescape(markup.escape(name)) == readable(name.translate(markup.BLANKS))
    assert not set(words(name)) & set("%{") and html.unescape(words(name)) == name


@given(st.lists(names, min_size=1, max_size=20).map("".join))
def test_files_have_names_that_every_disk_holds(name):
    found = report.file_name("lab", name, "Numbers", "csv", digest="0123456789")
    assert is_clean(found) and len(found.encode()) < 200 and found.isprintable()
    assert found.startswith("aonet-lab-") and found.endswith("numbers-01234567.csv")
    assert not set(found) & set("/\\:*?\"<>|'` ")
