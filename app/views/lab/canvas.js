// Draws shapes over a photo and tells Python their numbers, never pixels.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class Canvas {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.svg = this.find(".stage svg");
    this.shapes = [];
    this.past = [];
    this.future = [];
    this.selected = -1;
    this.tool = "rectangle";
    this.draft = null;
    this.table = new ShapeTable(this);
    this.listen();
  }

  /** Take what Python sends; its shapes only where it changed them itself. */
  update(data) {
    const before = this.data;
    this.data = data;
    const [width, height] = data.size;
    if (before?.photo !== data.photo) {
      this.svg.style.aspectRatio = `${width} / ${height}`;
      this.svg.style.width = `min(100%, calc(${data.height} * ${width / height}))`;
      set(this.svg, { viewBox: `0 0 ${width} ${height}` });
      for (const part of this.root.querySelectorAll(".whole")) set(part, { width, height });
      set(this.find(".photo"), { href: data.photo });
    }
    set(this.find("#filled image"), { href: data.filled });
    if (before?.stamps !== data.stamps) offerStamps(this);
    if (this.revision !== data.revision) {
      if (this.revision !== undefined && before?.photo === data.photo) this.past.push(this.shapes);
      this.revision = data.revision;
      this.future = [];
      this.shapes = data.shapes;
      this.selected = -1;
    }
    if (before?.key !== data.key) Object.assign(this, recallUndo(data, this.shapes));
    keepUndo(data, this);
    this.render();
  }

  style() {
    const picture = this.data.stamps.find(({ source }) => source === this.stamp);
    return { brush: this.brush ?? 0.16 * Math.min(...this.data.size), stamp: this.stamp,
             ratio: picture?.ratio ?? 1 };
  }

  render() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    draw(this);
    drawHistory(this);
  }

  renderSoon() {
    this.frame ??= requestAnimationFrame(() => this.render());
  }

  scale() { return this.svg.getBoundingClientRect().width / this.data.size[0]; }

  // Changes

  /** Make shapes the present ones; `again` replaces the last step instead of adding one. */
  commit(shapes, selected = -1, again = false) {
    if (!again) this.past.push(this.shapes);
    this.future = [];
    this.shapes = shapes;
    this.selected = selected;
    this.send();
  }

  send(wait = 0) {
    this.render();
    keepUndo(this.data, this);
    clearTimeout(this.timer);
    const tell = () => this.tell({ revision: this.revision, shapes: this.shapes });
    if (wait) this.timer = setTimeout(tell, wait);
    else tell();
  }

  add(shape) {
    const rounded = kindOf(shape).round(shape);
    const kept = shape.kind === "crop" ? this.shapes.filter(({ kind }) => kind !== "crop") : this.shapes;
    this.commit([...kept, rounded], kept.length);
  }

  replace(index, shape, again = false) {
    const rounded = kindOf(shape).round(shape);
    const shapes = this.shapes.map((old, place) => (place === index ? rounded : old));
    this.commit(shapes, index, again);
  }

  remove(index) {
    if (this.shapes[index]) this.commit(this.shapes.filter((_, place) => place !== index));
  }

  step(from, to) {
    if (!from.length) return;
    to.push(this.shapes);
    this.shapes = from.pop();
    this.selected = -1;
    this.send();
  }

  /** Go to the drawing that had so many before it. */
  goTo(step) {
    while (this.past.length > step) this.future.push(this.shapes), (this.shapes = this.past.pop());
    while (this.past.length < step && this.future.length)
      this.past.push(this.shapes), (this.shapes = this.future.pop());
    this.selected = -1;
    this.send();
  }

  undo() { this.step(this.past, this.future); }
  redo() { this.step(this.future, this.past); }

  /** Move the selected shape by keys; a run of key presses is one step back. */
  nudge(dx, dy) {
    const shape = this.shapes[this.selected];
    const again = this.nudged === this.selected && Date.now() - this.nudgedAt < 800;
    const moved = kindOf(shape).round(kindOf(shape).move(shape, dx, dy));
    if (!again) this.past.push(this.shapes);
    this.future = [];
    this.shapes = this.shapes.map((old, place) => (place === this.selected ? moved : old));
    this.nudged = this.selected;
    this.nudgedAt = Date.now();
    this.send(120);
  }

  // Pointer

  /** Image pixels under the pointer, whatever the scale of the display. */
  point(event) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(this.svg.getScreenCTM().inverse());
    const [width, height] = this.data.size;
    return [between(-width, x, 2 * width), between(-height, y, 2 * height)];
  }

  down(event) {
    if (event.button || !this.data) return;
    const start = this.point(event);
    const handle = event.target.dataset?.handle;
    const under = Number(event.target.closest?.("[data-shape]")?.dataset.shape ?? -1);
    if (this.tool === "polygon" && !handle) return this.corner(start, event);
    if (handle || (this.tool === "select" && under >= 0)) {
      const index = handle ? this.selected : under;
      this.drag = { start, handle, index, shape: this.shapes[index] };
      this.selected = index;
    } else if (this.tool === "select") {
      this.selected = -1;
    } else if (this.tool !== "stamp" || this.stamp) {
      this.draft = { kind: this.tool, ...KINDS[this.tool].begin(start, this.style()) };
      this.drag = { start };
      this.selected = -1;
    }
    event.preventDefault();
    this.find(".stage").focus({ preventScroll: true });
    if (this.drag) this.svg.setPointerCapture(event.pointerId);
    this.render();
  }

  moved(event) {
    if (this.draft?.kind === "polygon") this.hover = this.point(event);
    else if (!this.drag) return;
    else if (this.draft) {
      for (const each of event.getCoalescedEvents?.() ?? [event]) this.grow(this.point(each));
    } else {
      const { start, handle, index, shape } = this.drag;
      const [x, y] = this.point(event);
      const kind = kindOf(shape);
      const changed = handle ? kind.reshape(shape, handle, [x, y])
        : kind.move(shape, x - start[0], y - start[1]);
      this.shapes = this.shapes.map((old, place) => (place === index ? changed : old));
    }
    this.drag && (this.drag.far = true);
    this.renderSoon();
  }

  grow(point) {
    this.draft = KINDS[this.draft.kind].extend(this.draft, this.drag.start, point, this.style());
  }

  up(event, cancelled = false) {
    if (!this.drag) return;
    const { start, index, shape, far } = this.drag;
    let { draft } = this;
    this.drag = this.draft = null;
    if (shape) {
      const changed = this.shapes[index];
      this.shapes = this.shapes.map((old, place) => (place === index ? shape : old));
      if (far && !cancelled) return this.replace(index, changed);
    } else if (draft && !cancelled) {
      // A click places a cut-out in its usual size where one would drag it.
      if (draft.kind === "stamp" && draft.width < 4) {
        const usual = KINDS.stamp.usual(...this.data.size, this.style());
        draft = { ...draft, ...usual, x: start[0] - usual.width / 2, y: start[1] - usual.height / 2 };
      }
      if (kindOf(draft).enough(draft)) return this.add(draft);
    }
    this.render();
  }

  /** One corner more; a double click, or one on the first corner, closes the polygon. */
  corner(point, event) {
    event.preventDefault();
    this.find(".stage").focus({ preventScroll: true });
    const points = this.draft?.points ?? [];
    const near = 8 / this.scale();
    if (points.length >= 3 && (distance(point, points[0]) < near || distance(point, points.at(-1)) < near / 2)) {
      return this.close();
    }
    this.draft = { kind: "polygon", points: [...points, point] };
    this.render();
  }

  close() {
    const { draft } = this;
    this.draft = null;
    if (draft && KINDS.polygon.enough(draft)) this.add(draft);
    else this.render();
  }

  // Keyboard

  key(event) {
    const field = event.target.closest?.("input, select");
    const control = event.ctrlKey || event.metaKey;
    const name = event.key.toLowerCase();
    if (control && !field && (name === "z" || name === "y")) {
      if (name === "y" || event.shiftKey) this.redo();
      else this.undo();
    } else if (field || control || event.altKey) return;
    else if (this.draft && event.key === "Escape") {
      this.drag = this.draft = null;
      this.render();
    } else if (this.draft?.kind === "polygon" && event.key === "Enter") this.close();
    else if (this.selected < 0) return;
    else if (ARROWS[event.key]) {
      const far = event.shiftKey ? 10 : 1;
      this.nudge(...ARROWS[event.key].map((length) => far * length));
    } else if (event.key === "Delete" || event.key === "Backspace") this.remove(this.selected);
    else if (event.key === "Escape") {
      this.selected = -1;
      this.render();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  listen() {
    this.svg.addEventListener("pointerdown", (event) => this.down(event));
    this.svg.addEventListener("pointermove", (event) => this.moved(event));
    this.svg.addEventListener("pointerup", (event) => this.up(event));
    this.svg.addEventListener("pointercancel", (event) => this.up(event, true));
    this.svg.addEventListener("dragstart", (event) => event.preventDefault());
    this.svg.addEventListener("focusin", (event) => {
      const shape = event.target.dataset?.shape;
      if (shape !== undefined && !this.drag) this.select(Number(shape));
    });
    this.root.addEventListener("keydown", (event) => this.key(event));
    const press = { undo: () => this.undo(), redo: () => this.redo(),
      delete: () => this.remove(this.selected), clear: () => this.shapes.length && this.commit([]) };
    // After a click keys go to the drawing: a button may be disabled by then, and lose them.
    const pressed = (button, act) => button.addEventListener("click", (event) => {
      act();
      if (event.detail || button.disabled) this.find(".stage").focus({ preventScroll: true });
    });
    for (const button of this.root.querySelectorAll("[data-do]"))
      pressed(button, () => press[button.dataset.do]());
    for (const button of this.root.querySelectorAll("[data-tool]"))
      pressed(button, () => this.choose(button.dataset.tool));
    this.find("#brush").addEventListener("input", (event) => (this.brush = Number(event.target.value)));
    this.find("#add").addEventListener("click", () => {
      const kind = this.find("#kind").value;
      this.add({ kind, ...KINDS[kind].usual(...this.data.size, this.style()) });
    });
    new ResizeObserver(() => this.data && this.render()).observe(this.svg);
  }

  choose(tool) {
    this.close();
    this.tool = tool;
    this.render();
  }

  select(index) {
    if (this.selected === index) return;
    this.selected = index;
    this.render();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".canvas");
  const canvas = (root.canvas ??= new Canvas(root));
  canvas.tell = (drawn) => setStateValue("drawn", drawn);
  canvas.update(data);
}
