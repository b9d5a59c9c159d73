// Shows the canvas: shapes, handles, tools, and the same shapes as a table of numbers.

const SVG = "http://www.w3.org/2000/svg";

/** Change attributes of an element; `null` removes one. */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
  return element;
}
const make = (tag, attributes = {}) => set(document.createElementNS(SVG, tag), attributes);
const html = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

/** Draw everything of the canvas anew from its state. */
function draw(canvas) {
  const { find, data, shapes, selected, draft } = canvas;
  const scale = canvas.svg.getBoundingClientRect().width / data.size[0] || 1;
  const focused = canvas.root.getRootNode().activeElement?.dataset?.shape;
  find(".shapes").replaceChildren(
    ...shapes.map((shape, index) => drawnShape(canvas, shape, index, index === selected)),
    ...(draft ? [drawnDraft(canvas)] : []),
  );
  // The elements are new: who moves a shape by keys must not lose it.
  if (focused) (find(`[data-shape="${focused}"]`) ?? find(".stage")).focus({ preventScroll: true });
  const shown = draft ? [] : shapes[selected] ? kindOf(shapes[selected]).handles(shapes[selected]) : [];
  find(".handles").replaceChildren(
    ...shown.map(([handle, cx, cy]) => {
      const group = make("g", { class: `handle ${handle}` });
      // A finger needs more room than the dot it aims at.
      for (const [r, kind] of [[11, "reach"], [4.5, "dot"]]) {
        const circle = make("circle", { cx, cy, r: r / scale, class: kind });
        circle.dataset.handle = handle;
        group.append(circle);
      }
      return group;
    }),
  );
  const crop = [...shapes, ...(draft ? [draft] : [])].findLast(({ kind }) => kind === "crop");
  set(find(".dim"), { d: crop ? around(data.size, crop) : "" });
  set(canvas.svg, { class: canvas.tool === "select" ? "selecting" : "drawing" });
  drawTools(canvas);
  canvas.table.update();
}

function drawnShape(canvas, shape, index, selected) {
  const [tag, attributes] = kindOf(shape).element(shape);
  const group = make("g", {
    class: `shape ${shape.kind}${selected ? " selected" : ""}`,
    tabindex: 0, role: "img", "aria-label": `${kindOf(shape).label} ${index + 1}`,
  });
  group.dataset.shape = index;
  const body = make(tag, { ...attributes, class: "body" });
  if (shape.kind === "stamp") {
    const picture = canvas.data.stamps.find(({ source }) => source === shape.source);
    if (picture) set(body, { href: picture.uri });
    group.append(make("rect", { ...KINDS.rectangle.element(shape)[1], class: "edge" }));
  }
  group.prepend(body);
  if (shape.kind !== "stamp") group.append(make(tag, { ...attributes, "stroke-width": null, class: "edge" }));
  return group;
}

function drawnDraft(canvas) {
  const { draft, hover } = canvas;
  if (draft.kind !== "polygon") {
    const group = drawnShape(canvas, draft, canvas.shapes.length, false);
    group.removeAttribute("tabindex");
    return group;
  }
  const points = hover ? [...draft.points, hover] : draft.points;
  const group = make("g", { class: "shape draft" });
  group.append(make("polyline", { points: written(points), class: "edge" }));
  return group;
}

/** What a crop takes away: the picture without the part that is kept. */
function around([width, height], { x, y, width: w, height: h }) {
  return `M0 0H${width}V${height}H0ZM${x} ${y}h${w}v${h}h${-w}Z`;
}

function drawTools(canvas) {
  const { root, find, tool, selected, past, future, shapes } = canvas;
  for (const button of root.querySelectorAll("[data-tool]"))
    set(button, { "aria-pressed": button.dataset.tool === tool });
  const idle = { undo: !past.length, redo: !future.length, delete: !shapes[selected], clear: !shapes.length };
  for (const button of root.querySelectorAll("[data-do]")) button.disabled = idle[button.dataset.do];
  find(".brush").hidden = tool !== "stroke";
  find(".stamps").hidden = tool !== "stamp";
  const brush = find("#brush");
  brush.max = Math.ceil(Math.min(...canvas.data.size) / 2);
  if (brush !== root.getRootNode().activeElement) brush.value = canvas.style().brush;
  find(".brush output").value = `${Math.round(canvas.style().brush)} px`;
  for (const button of find(".stamps").children)
    set(button, { "aria-pressed": button.dataset.source === canvas.stamp });
}

/** Thumbnails of the cut-outs that can be stamped. */
function offerStamps(canvas) {
  const { stamps } = canvas.data;
  if (!stamps.some(({ source }) => source === canvas.stamp)) canvas.stamp = stamps[0]?.source;
  canvas.find(".stamps").replaceChildren(
    ...stamps.map(({ source, title, uri }) => {
      const button = html("button", { type: "button", title });
      button.dataset.source = source;
      button.append(html("img", { src: uri, alt: title }));
      button.addEventListener("click", () => {
        canvas.stamp = source;
        drawTools(canvas);
      });
      return button;
    }),
  );
}

/** The shapes as numbers to type; rows stay in place while their values change. */
class ShapeTable {
  constructor(canvas) {
    this.canvas = canvas;
    this.body = canvas.find(".table");
  }

  update() {
    const { shapes, selected } = this.canvas;
    const kinds = shapes.map(({ kind }) => kind).join(" ");
    if (kinds !== this.kinds) {
      this.kinds = kinds;
      this.body.replaceChildren(...shapes.map((shape, index) => this.row(shape, index)));
    }
    [...this.body.children].forEach((row, index) => {
      set(row, { class: index === selected ? "selected" : "" });
      for (const input of row.querySelectorAll("input")) {
        const value = shapes[index][input.name];
        if (input.type === "checkbox") input.checked = value;
        else input.value = input.name === "points" ? written(value) : Math.round(value * GRID) / GRID;
      }
    });
  }

  row(shape, index) {
    const { label, fields } = kindOf(shape);
    const row = html("div");
    row.append(html("span", { textContent: `${index + 1} ${label}` }));
    for (const name of fields) row.append(this.field(name, `${name} of ${label} ${index + 1}`, index));
    if (shape.kind === "stamp") row.append(this.field("flipped", `mirror ${label} ${index + 1}`, index));
    const remove = html("button", { type: "button", textContent: "×", title: "Delete" });
    set(remove, { "aria-label": `delete ${label} ${index + 1}` });
    remove.addEventListener("click", () => this.canvas.remove(index));
    row.append(remove);
    row.addEventListener("focusin", () => this.canvas.select(index));
    return row;
  }

  field(name, title, index) {
    const type = { points: "text", flipped: "checkbox" }[name] ?? "number";
    const input = html("input", { type, name, title, step: "any" });
    set(input, { "aria-label": title });
    input.addEventListener("change", () => this.change(input, index));
    const field = html("label", { textContent: { width: "w", height: "h", radius: "r", points: "", flipped: "⇋" }[name] ?? name });
    if (name === "points") field.className = "points";
    field.append(input);
    return field;
  }

  /** Take what was typed; what makes no sense is put back as it was. */
  change(input, index) {
    const shape = this.canvas.shapes[index];
    const extent = ["width", "height", "radius"].includes(input.name);
    let value = input.type === "checkbox" ? input.checked : Number(input.value);
    if (input.name === "points") value = readPoints(input.value);
    else if (input.type === "number" && (input.value === "" || !Number.isFinite(value))) value = null;
    if (value === null || (extent && value <= 0) || (shape.kind === "polygon" && value.length < 3)) {
      set(input, { "aria-invalid": true });
      return this.update();
    }
    set(input, { "aria-invalid": null });
    this.canvas.replace(index, { ...shape, [input.name]: value });
  }
}
