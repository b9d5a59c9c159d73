"""The drawing widget by itself in Chromium: what is drawn is what is told, to the pixel."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FOLDER = Path(__file__).resolve().parents[2] / "app" / "views" / "lab"
SIZE = (80, 200)
HARNESS = """<!doctype html><body style="margin: 40px; width: 330px; --st-primary-color: #06c">
<style>{css}</style><div id="host">{html}</div>
<script type="module">
{js}
window.told = [];
window.mount = (data) => show({{ data, parentElement: document.querySelector("#host"),
  setStateValue: (name, value) => window.told.push(structuredClone(value)) }});
window.mount({data});
</script>"""


def uri(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def given(shapes=(), revision=1, size=SIZE):
    stamp = uri(Image.new("RGBA", (20, 40), (200, 0, 0, 255)))
    return {
        "size": size,
        "height": "600px",
        "photo": uri(Image.new("RGB", size, (90, 120, 60))),
        "filled": uri(Image.new("RGB", size)),
        "stamps": [{"source": "occluder:post", "title": "post", "uri": stamp, "ratio": 2}],
        "shapes": list(shapes),
        "revision": revision,
    }


@pytest.fixture
def canvas(page):
    """Mounts the widget in an empty page; helpers work in image pixels."""

    class Canvas:
        def __init__(self):
            self.page = page

        def mount(self, data, width=330):
            read = lambda *names: "\n".join((FOLDER / name).read_text() for name in names)  # noqa: E731
            js = read("shapes.js", "view.js", "undo.js", "canvas.js")
            js = js.replace("export default function (", "function show(")
            text = HARNESS.format(
                css=read("canvas.css"), html=read("canvas.html"), js=js, data=json.dumps(data)
            )
            page.set_content(text.replace("width: 330px", f"width: {width}px"))
            page.wait_for_function("window.told")
            return self

        def tool(self, title):
            page.locator(f".tools button[title^='{title}']").click()

        def at(self, x, y):
            box = page.locator(".stage svg").bounding_box()
            width, height = page.evaluate("document.querySelector('.canvas').canvas.data.size")
            return box["x"] + x * box["width"] / width, box["y"] + y * box["height"] / height

        def drag(self, *points):
            page.mouse.move(*self.at(*points[0]))
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*self.at(*point), steps=3)
            page.mouse.up()

        @property
        def shapes(self):
            told = page.evaluate("window.told.at(-1)")
            return told and told["shapes"]

        @property
        def count(self):
            return page.evaluate("window.told.length")

    return Canvas()


@pytest.mark.parametrize("width", [330, 160])
def test_a_dragged_rectangle_is_told_in_image_pixels_at_any_scale(canvas, width):
    canvas.mount(given(), width)
    canvas.drag((10, 20), (50, 120))
    (shape,) = canvas.shapes
    assert shape["kind"] == "rectangle"
    # A screen pixel is a part of an image pixel at most here.
    for name, value in {"x": 10, "y": 20, "width": 40, "height": 100}.items():
        assert shape[name] == pytest.approx(value, abs=0.6)
        assert shape[name] * 8 == round(shape[name] * 8)


def test_every_tool_draws_its_shape(canvas):
    canvas.mount(given())
    canvas.tool("Circle")
    canvas.drag((40, 60), (55, 60))
    canvas.tool("Polygon")
    for corner in ((10, 150), (60, 150), (60, 190)):
        canvas.page.mouse.click(*canvas.at(*corner))
    canvas.page.keyboard.press("Enter")
    canvas.tool("Brush")
    canvas.drag((10, 10), (30, 30), (60, 20))
    canvas.tool("Cut-out")
    canvas.drag((20, 20), (40, 30))
    canvas.page.mouse.click(*canvas.at(60, 100))
    canvas.tool("Crop")
    canvas.drag((0, 100), (80, 200))
    canvas.drag((0, 0), (80, 90))
    kinds = [shape["kind"] for shape in canvas.shapes]
    assert kinds == ["circle", "polygon", "stroke", "stamp", "stamp", "crop"]
    circle, polygon, stroke, stamp, placed, crop = canvas.shapes
    assert circle["radius"] == pytest.approx(15, abs=0.6)
    np.testing.assert_allclose(polygon["points"], [(10, 150), (60, 150), (60, 190)], atol=0.6)
    assert stroke["width"] == pytest.approx(12.75, abs=1) and len(stroke["points"]) > 5
    # A dragged cut-out keeps its proportions, a clicked one has its middle there.
    assert stamp["source"] == "occluder:post" and stamp["height"] == 2 * stamp["width"]
    assert placed["x"] + placed["width"] / 2 == pytest.approx(60, abs=1)
    # There is one crop: the later one.
    assert crop["y"] == pytest.approx(0, abs=1) and crop["height"] == pytest.approx(90, abs=1)


def test_select_move_reshape_delete(canvas):
    box = {"kind": "rectangle", "x": 20, "y": 40, "width": 30, "height": 50}
    canvas.mount(given([box]))
    canvas.tool("Select")
    canvas.drag((35, 60), (45, 90))
    assert canvas.shapes[0]["x"] == pytest.approx(30, abs=0.6)
    assert canvas.shapes[0]["y"] == pytest.approx(70, abs=0.6)
    right_bottom = canvas.shapes[0]["x"] + 30, canvas.shapes[0]["y"] + 50
    canvas.drag(right_bottom, (70, 150))
    assert canvas.shapes[0]["width"] == pytest.approx(40, abs=1)
    assert canvas.shapes[0]["height"] == pytest.approx(80, abs=1)
    canvas.page.keyboard.press("Delete")
    assert canvas.shapes == []
    # A click that moves nothing tells nothing.
    told = canvas.count
    canvas.page.mouse.click(*canvas.at(5, 5))
    assert canvas.count == told


def test_keyboard_alone(canvas):
    box = {"kind": "rectangle", "x": 20, "y": 40, "width": 30, "height": 50}
    canvas.mount(given([box]))
    canvas.page.locator("[data-shape='0']").focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown"):
        canvas.page.keyboard.press(key)
    canvas.page.wait_for_function("window.told.length")
    assert (canvas.shapes[0]["x"], canvas.shapes[0]["y"]) == (22, 50)
    # The run of keys is one step back.
    canvas.page.keyboard.press("Control+z")
    assert canvas.shapes == [box]
    canvas.page.keyboard.press("Control+y")
    assert (canvas.shapes[0]["x"], canvas.shapes[0]["y"]) == (22, 50)
    canvas.page.locator("[data-shape='0']").focus()
    canvas.page.keyboard.press("Delete")
    assert canvas.shapes == []


def test_undo_and_redo_go_all_the_way(canvas):
    canvas.mount(given())
    for y in (10, 60, 110):
        canvas.drag((10, y), (50, y + 30))
    assert len(canvas.shapes) == 3
    for left in (2, 1, 0):
        canvas.tool("Undo")
        assert len(canvas.shapes) == left
    assert canvas.page.locator("[data-do=undo]").is_disabled()
    for right in (1, 2, 3):
        canvas.tool("Redo")
        assert len(canvas.shapes) == right
    canvas.tool("Delete all")
    assert canvas.shapes == []
    canvas.tool("Undo")
    assert len(canvas.shapes) == 3
    # The list of edits goes anywhere at once.
    canvas.page.get_by_text("Edits so far").click()
    edits = canvas.page.locator(".history button")
    said = ["nothing hidden", *["rectangle added"] * 3, "nothing hidden"]
    assert edits.all_inner_texts() == said
    for step in (1, 4, 2):
        edits.nth(step).click()
        assert len(canvas.shapes) == (step if step < 4 else 0)
        assert edits.nth(step).get_attribute("aria-current") == "step"


def test_typed_numbers_and_drawn_shapes_are_one(canvas):
    canvas.mount(given())
    page = canvas.page
    page.get_by_text("Shapes as numbers").click()
    canvas.drag((10, 20), (50, 120))
    x = page.get_by_label("x of rectangle 1")
    assert float(x.input_value()) == canvas.shapes[0]["x"]
    x.fill("12.3")
    x.press("Enter")
    assert canvas.shapes[0]["x"] == 12.25  # rounded to an eighth, as in the core
    body = page.locator("[data-shape='0'] .body")
    assert float(body.get_attribute("x")) == 12.25
    # What is no extent is put back.
    told = canvas.count
    width = page.get_by_label("width of rectangle 1")
    before = width.input_value()
    width.fill("-5")
    width.press("Enter")
    assert width.input_value() == before and canvas.count == told
    page.locator("#kind").select_option("polygon")
    page.get_by_role("button", name="Add", exact=True).click()
    points = page.get_by_label("points of polygon 2")
    points.fill("1,2 30,4 10,60")
    points.press("Enter")
    assert canvas.shapes[1]["points"] == [[1, 2], [30, 4], [10, 60]]
    points.fill("1,2 nonsense")
    points.press("Enter")
    assert canvas.shapes[1]["points"] == [[1, 2], [30, 4], [10, 60]]
    page.get_by_label("delete rectangle 1").click()
    assert [shape["kind"] for shape in canvas.shapes] == ["polygon"]


def test_python_replaces_shapes_only_when_it_says_so(canvas):
    canvas.mount(given())
    canvas.drag((10, 20), (50, 120))
    drawn = canvas.shapes
    # A rerun brings the data of before the stroke: the stroke stays.
    canvas.page.evaluate("data => window.mount(data)", given())
    assert canvas.page.locator("[data-shape]").count() == 1
    pushed = [{"kind": "circle", "x": 40, "y": 40, "radius": 10}]
    data = given(pushed, revision=2)
    canvas.page.evaluate("data => window.mount(data)", data)
    assert canvas.page.locator("circle.body").count() == 1
    canvas.tool("Undo")
    assert canvas.shapes == drawn
    assert canvas.page.evaluate("window.told.at(-1).revision") == 2


def test_touch_draws_too(browser):
    context = browser.new_context(has_touch=True, viewport={"width": 500, "height": 900})
    page = context.new_page()
    read = lambda *names: "\n".join((FOLDER / name).read_text() for name in names)  # noqa: E731
    js = read("shapes.js", "view.js", "undo.js", "canvas.js").replace(
        "export default function (", "function show("
    )
    page.set_content(
        HARNESS.format(
            css=read("canvas.css"), html=read("canvas.html"), js=js, data=json.dumps(given())
        )
    )
    page.wait_for_function("window.told")
    box = page.locator(".stage svg").bounding_box()
    session = context.new_cdp_session(page)
    start = {"x": box["x"] + 20, "y": box["y"] + 30}
    end = {"x": box["x"] + 120, "y": box["y"] + 130}
    for kind, points in (("Start", [start]), ("Move", [end]), ("End", [])):
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    assert [shape["kind"] for shape in page.evaluate("window.told.at(-1).shapes")] == ["rectangle"]
    context.close()
