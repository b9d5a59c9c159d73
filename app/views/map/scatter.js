// A map of embeddings: moved, turned, coloured and lassoed in the browser; Python is told one bit a
// point.

const SMALLEST = 3; // pixels: what is drawn smaller than that was a click
const PAUSE = 120; // milliseconds of pointing before pictures are asked for
const AT_ONCE = 16; // pictures

class Scatter {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.stage = this.find(".stage");
    this.canvas = this.find("canvas");
    this.tool = "lasso";
    this.rings = [];
    this.pictures = new Map();
    this.listen();
  }

  /** Take what Python sends; the points only where they are others than before. */
  update(data) {
    const before = this.data;
    this.data = data;
    if (before?.id !== data.id) this.pictures.clear();
    for (const [row, uri] of Object.entries(data.pictures)) this.pictures.set(Number(row), uri);
    if (before && this.pointed >= 0) this.tip(this.pointed, this.at);
    if (before?.map !== data.map) {
      this.cloud = new Cloud(data);
      this.scale = bytes(data.scale);
      this.columns = data.columns.map((column) => {
        const values = bytes(column.values);
        return { ...column, rgb: column.colours?.map(rgbOf),
          values: column.kind === "scale" ? values : new Uint16Array(values.buffer) };
      });
      if (before?.id !== data.id) this.selected = new Uint8Array(data.count);
      this.find(".colour").replaceChildren(...this.columns.map(({ name, title }) =>
        node("option", { value: name }, title)));
      this.home();
      this.recolour(this.column?.name ?? data.colour);
    }
    if (this.revision !== data.revision) {
      this.revision = data.revision;
      this.selected = data.bits ? unpackBits(data.bits, data.count) : new Uint8Array(data.count);
      const last = globalThis.aonetLensSelection;
      if (!before && last?.id === data.id && last.revision === data.revision) this.selected = last.selected;
    }
    this.render();
  }

  recolour(name) {
    this.column = this.columns.find((column) => column.name === name) ?? this.columns[0];
    const { count, per } = this.data;
    this.colours = coloursOf(this.column, count, per, this.scale);
    this.find(".colour").value = this.column.name;
    this.find(".legend").replaceChildren(...legend(this.column, this.data, this.scale,
      (kind, event) => this.select(this.ofKind(kind), event)));
  }

  ofKind(kind) {
    const { values, each } = this.column, { per, count } = this.data;
    return Uint8Array.from({ length: count }, (_, point) =>
      values[each === "picture" ? Math.floor(point / per) : point] === kind ? 1 : 0);
  }

  // Drawing

  size() { return [this.stage.clientWidth, this.stage.clientHeight]; }

  /** Show all of the map, as it is turned at first. */
  home() {
    this.view = { x: 0, y: 0, zoom: 1, yaw: 0.6, pitch: 0.35, fitted: true };
    this.cloud.project(this.view);
    const ends = [this.cloud.x, this.cloud.y].map((places) => places.reduce(
      ([low, high], place) => [Math.min(low, place), Math.max(high, place)], [Infinity, -Infinity]));
    const size = this.size();
    this.shown = size;
    const { view } = this;
    view.zoom = Math.min(...ends.map(([low, high], axis) => (0.92 * size[axis]) / Math.max(high - low, 1e-3)));
    [view.x, view.y] = ends.map(([low, high], axis) => size[axis] / 2 - (view.zoom * (low + high)) / 2);
    this.renderSoon();
  }

  /** Keep the middle in the middle when the stage changes its size. */
  resize() {
    const size = this.size();
    if (this.view.fitted) this.home();
    else {
      this.view.x += (size[0] - this.shown[0]) / 2;
      this.view.y += (size[1] - this.shown[1]) / 2;
    }
    this.shown = size;
    this.render();
  }

  render() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    const [width, height] = this.size();
    if (!this.data || !width) return;
    const ratio = Math.min(2, devicePixelRatio || 1);
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide) this.canvas.width = wide;
    if (this.canvas.height !== high) this.canvas.height = high;
    this.cloud.project(this.view);
    this.chosen = this.selected.reduce((sum, each) => sum + each, 0);
    this.paintOn(this.canvas, ratio);
    this.find(".drawn").replaceChildren(
      ...marks(this.cloud, this.view, this.data, this.area, this.rings));
    this.stage.dataset.tool = this.tool;
    for (const button of this.root.querySelectorAll("button[data-tool]"))
      button.setAttribute("aria-pressed", button.dataset.tool === this.tool);
    this.find("output").value = this.chosen
      ? `${this.chosen.toLocaleString("en")} of ${this.data.count.toLocaleString("en")} points selected`
      : `${this.data.count.toLocaleString("en")} points`;
  }

  renderSoon() { this.frame ??= requestAnimationFrame(() => this.render()); }

  paintOn(canvas, ratio) {
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    const radius = this.data.count > 20000 ? 1.6 : this.data.count > 3000 ? 2.3 : 3.4;
    paint(image, this.cloud, this.colours, this.selected, this.chosen > 0,
      { radius, ratio, ground: this.ground() });
    context.putImageData(image, 0, 0);
  }

  ground() {
    const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    probe.fillStyle = getComputedStyle(this.root).getPropertyValue("--st-background-color") || "#fff";
    probe.fillRect(0, 0, 1, 1);
    return probe.getImageData(0, 0, 1, 1).data;
  }

  // Selection

  /** Make points the selection, add them, or take them away. */
  select(found, { shiftKey, altKey } = {}) {
    if (shiftKey) found = found.map((each, point) => each | this.selected[point]);
    else if (altKey) found = found.map((each, point) => this.selected[point] & (1 - each));
    this.selected = found;
    // The page may put the widget in place anew, which must not lose what Python has been told.
    globalThis.aonetLensSelection = { id: this.data.id, revision: this.revision, selected: found };
    this.render();
    this.tell("selected", { id: this.data.id, revision: this.revision, bits: this.chosen ? packBits(found) : "" });
  }

  // Pointer

  place(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    if (event.button || !this.data) return;
    this.stage.focus({ preventScroll: true });
    this.stage.setPointerCapture(event.pointerId);
    const at = this.place(event);
    this.drag = { at, from: at, far: false };
    this.area = this.tool === "move" ? null : [at];
    this.tip(-1);
  }

  moved(event) {
    const at = this.place(event);
    if (!this.drag) return this.hover(at);
    const { from } = this.drag;
    const [dx, dy] = [at[0] - this.drag.at[0], at[1] - this.drag.at[1]];
    this.drag.far ||= Math.hypot(at[0] - from[0], at[1] - from[1]) > SMALLEST;
    this.drag.at = at;
    if (this.tool === "lasso")
      for (const each of event.getCoalescedEvents?.() ?? [event]) this.area.push(this.place(each));
    else if (this.tool === "box") this.area = [from, [at[0], from[1]], at, [from[0], at[1]]];
    else this.shift(dx, dy, event.shiftKey);
    this.renderSoon();
  }

  /** Move the map, or turn it where it has depth. */
  shift(dx, dy, straight) {
    if (this.cloud.flat || straight) {
      this.view.x += dx;
      this.view.y += dy;
    } else {
      this.view.yaw += dx / 150;
      this.view.pitch = Math.max(-1.5, Math.min(1.5, this.view.pitch + dy / 150));
    }
    this.view.fitted = false;
  }

  up(event, cancelled = false) {
    if (!this.drag) return;
    const { far, at } = this.drag;
    const { area } = this;
    this.drag = this.area = null;
    if (cancelled) return this.render();
    if (far && area) return this.select(this.cloud.inside(area), event);
    if (!far) {
      const found = new Uint8Array(this.data.count);
      const point = this.cloud.nearest(...at);
      if (point >= 0) found[point] = 1;
      if (point >= 0 || this.chosen) return this.select(found, event);
    }
    this.render();
  }

  zoom(factor, [x, y] = this.size().map((side) => side / 2)) {
    const { view } = this;
    factor = Math.min(factor, 4e5 / view.zoom);
    factor = Math.max(factor, 20 / view.zoom);
    view.x = x + (view.x - x) * factor;
    view.y = y + (view.y - y) * factor;
    view.zoom *= factor;
    view.fitted = false;
    this.renderSoon();
  }

  hover(at) {
    const point = this.data ? this.cloud.nearest(...at) : -1;
    if (point !== this.pointed) this.tip(point, at);
  }

  /** Tell what is known of a point, and ring the points of the same picture. */
  tip(point, at = [0, 0]) {
    const [x, y] = at;
    Object.assign(this, { pointed: point, at });
    clearTimeout(this.asking);
    const { per, count } = this.data, row = Math.floor(point / per), first = row * per;
    this.rings = point < 0 ? [] : Array.from({ length: Math.min(per, count) }, (_, each) => first + each);
    const box = this.find(".tip");
    box.hidden = point < 0;
    if (point >= 0) {
      const lines = this.columns.map((column) => [column.title, this.value(column, point)]);
      box.replaceChildren(this.picture(row), node("dl", {}, ...lines.flatMap(([title, value]) =>
        [node("dt", {}, title), node("dd", {}, value)])));
      const [width, height] = this.size();
      Object.assign(box.style, x > width / 2 ? { right: `${width - x + 14}px`, left: "" } : { left: `${x + 14}px`, right: "" },
        y > height / 2 ? { bottom: `${height - y + 8}px`, top: "" } : { top: `${y + 8}px`, bottom: "" });
    }
    this.renderSoon();
  }

  /** The picture of a row; where it is not here yet, it and those nearby are asked for. */
  picture(row) {
    const uri = this.pictures.get(row);
    if (uri) return node("img", { src: uri, alt: "" });
    if (uri === undefined) this.asking = setTimeout(() => this.ask(), PAUSE);
    return node("i", { class: "waiting" });
  }

  ask() {
    const { cloud, data: { per, id } } = this, [x, y] = this.at;
    const away = (point) => (cloud.x[point] - x) ** 2 + (cloud.y[point] - y) ** 2;
    const near = Uint32Array.from(cloud.x, (_, point) => point).sort((a, b) => away(a) - away(b));
    const rows = [...new Set([this.pointed, ...near].map((point) => Math.floor(point / per)))]
      .filter((row) => !this.pictures.has(row));
    this.tell("pointed", { id, rows: rows.slice(0, AT_ONCE) });
  }

  value(column, point) {
    const value = column.values[column.each === "picture" ? Math.floor(point / this.data.per) : point];
    if (column.kind !== "scale") return column.labels[value] ?? "unknown";
    return value === 255 ? "unknown" : (value / 254).toFixed(2);
  }

  key(event) {
    const by = { ArrowLeft: [20, 0], ArrowRight: [-20, 0], ArrowUp: [0, 20], ArrowDown: [0, -20] }[event.key];
    if (event.ctrlKey || event.metaKey) return;
    if (by) this.shift(...by, event.shiftKey);
    else if (event.key === "Escape") this.drag ? this.up(event, true) : this.select(new Uint8Array(this.data.count));
    else if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.renderSoon();
  }

  listen() {
    const { stage } = this;
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.moved(event));
    stage.addEventListener("pointerup", (event) => this.up(event));
    stage.addEventListener("pointercancel", (event) => this.up(event, true));
    stage.addEventListener("pointerleave", () => this.data && !this.drag && this.tip(-1));
    stage.addEventListener("keydown", (event) => this.key(event));
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 400), this.place(event));
    }, { passive: false });
    const press = { nearer: () => this.zoom(1.4), farther: () => this.zoom(1 / 1.4), home: () => this.home(),
      all: () => this.select(new Uint8Array(this.data.count).fill(1)),
      none: () => this.select(new Uint8Array(this.data.count)), save: () => save(this) };
    for (const button of this.root.querySelectorAll("[data-do]"))
      button.addEventListener("click", () => press[button.dataset.do]());
    for (const button of this.root.querySelectorAll("button[data-tool]"))
      button.addEventListener("click", () => { this.tool = button.dataset.tool; this.render(); });
    this.find(".colour").addEventListener("change", (event) => {
      this.recolour(event.target.value);
      this.render();
      this.tell("colour", event.target.value);
    });
    new ResizeObserver(() => this.data && this.resize()).observe(stage);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(() => this.render(), 300));
  }
}

/** Save the map, its marks and its legend as one picture, twice as fine as the screen. */
function save(scatter) {
  const [width, height] = scatter.size();
  const { data, column } = scatter;
  const ratio = 2, foot = 46;
  const map = Object.assign(document.createElement("canvas"), { width: width * ratio, height: height * ratio });
  scatter.paintOn(map, ratio);
  const sheet = Object.assign(document.createElement("canvas"), { width: width * ratio, height: (height + foot) * ratio });
  const context = sheet.getContext("2d");
  const style = getComputedStyle(scatter.root);
  context.fillStyle = `rgb(${scatter.ground().slice(0, 3)})`;
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(map, 0, 0);
  context.scale(ratio, ratio);
  for (const mark of scatter.find(".drawn").children) {
    const look = getComputedStyle(mark);
    const path = mark.tagName === "circle"
      ? new Path2D(`M${mark.cx.baseVal.value - mark.r.baseVal.value} ${mark.cy.baseVal.value}` +
        `a${mark.r.baseVal.value} ${mark.r.baseVal.value} 0 1 0 ${2 * mark.r.baseVal.value} 0` +
        `a${mark.r.baseVal.value} ${mark.r.baseVal.value} 0 1 0 ${-2 * mark.r.baseVal.value} 0`)
      : new Path2D(mark.getAttribute("d"));
    context.globalAlpha = Number(look.fillOpacity);
    context.fillStyle = look.fill === "none" ? "transparent" : look.fill;
    context.strokeStyle = look.stroke === "none" ? "transparent" : look.stroke;
    context.lineWidth = parseFloat(look.strokeWidth);
    context.fill(path);
    context.globalAlpha = 1;
    context.stroke(path);
  }
  context.fillStyle = style.color;
  context.font = `12px ${style.fontFamily}`;
  let x = 10;
  const kinds = column.kind === "scale" || column.labels.length > MOST_KINDS ? [] : column.labels;
  for (const [kind, label] of kinds.entries()) {
    context.fillStyle = `rgb(${column.rgb[kind]})`;
    context.beginPath();
    context.arc(x + 5, height + 15, 4.5, 0, 7);
    context.fill();
    context.fillStyle = style.color;
    context.fillText(label, x + 14, height + 19);
    x += 28 + context.measureText(label).width;
  }
  if (!kinds.length) {
    const ends = column.kind === "scale" ? `: dark ${column.labels[0]} to light ${column.labels[1]}` : "";
    context.fillText(`colour: ${column.title}${ends}`, x, height + 19);
  }
  context.fillText(data.caption, 10, height + 37, width - 20);
  sheet.toBlob((blob) => {
    const link = node("a", { href: URL.createObjectURL(blob), download: data.file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".scatter");
  const scatter = (root.scatter ??= new Scatter(root));
  scatter.tell = setStateValue;
  scatter.update(data);
}
