// Plays a sweep: the photo with one place hidden after the other, the maps, and the curves so far.

const SVG = "http://www.w3.org/2000/svg";
const CHART = [400, 100]; // of a chart's own coordinates: the width is the sweep, the height 0 to 1
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const shown = (value) => value.toFixed(2).replace("-", "−");

function node(tag, attributes = {}, ...children) {
  const drawn = ["svg", "g", "rect", "path", "line", "circle", "image", "clipPath", "defs"].includes(tag);
  const made = drawn ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

class Player {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.count = data.position.length;
    this.maps = data.maps && bytes(data.maps);
    this.colours = data.maps && bytes(data.scale);
    root.replaceChildren(this.frame(), this.panels());
    // Begin where most is hidden: that frame tells most.
    const sums = data.hidden.map((row) => row.reduce((sum, value) => sum + value, 0));
    this.go(data.start ?? sums.indexOf(Math.max(...sums)));
  }

  // Parts

  frame() {
    const { size: [width, height], photo, filled } = this.data;
    const whole = { width, height, preserveAspectRatio: "none" };
    this.hole = node("rect");
    const id = `hole-${Math.random().toString(36).slice(2)}`;
    this.picture = node("svg", { viewBox: `0 0 ${width} ${height}`, class: "picture", role: "img",
      "aria-label": "The photo with one place hidden" },
      node("defs", {}, node("clipPath", { id }, this.hole)),
      node("image", { ...whole, href: photo }),
      node("image", { ...whole, href: filled, "clip-path": `url(#${id})` }));
    this.picture.style.width = `min(100%, calc(46vh * ${width / height}))`;
    this.slider = node("input", { type: "range", min: 0, max: this.count - 1, "aria-label": "Position" });
    this.slider.addEventListener("input", () => { this.stop(); this.go(Number(this.slider.value)); });
    this.button = node("button", { type: "button", "aria-label": "Play" }, "▶");
    this.button.addEventListener("click", () => (this.timer ? this.stop() : this.play()));
    this.where = node("output");
    return node("div", { class: "frame" }, this.picture,
      node("div", { class: "controls" }, this.button, this.slider), this.where);
  }

  panels() {
    const { names, colours, awareness, hidden, clean, self, other } = this.data;
    this.charts = names.map((name, k) =>
      this.panel(name, colours[k], [
        { values: hidden.map((row) => row[k]), kind: "truth", label: "occluded" },
        { values: awareness.map((row) => row[k]), kind: "value", label: "β" },
      ], clean[k], k));
    const similarity = [{ values: self, kind: "value", label: "itself" }];
    if (other) similarity.push({ values: other, kind: "second", label: "match" });
    this.charts.push(this.panel("similarity", "currentColor", similarity, null, null));
    return node("div", { class: "panels" }, this.legend(!!other),
      ...this.charts.map(({ element }) => element));
  }

  /** What the lines are, in words, once for all charts. */
  legend(other) {
    const lines = [["value", "awareness β"], ["clean", "β with nothing hidden"],
                   ["truth", "occluded share, in truth"]];
    if (other) lines.push(["second", "similarity to the match"]);
    return node("div", { class: "legend" }, ...lines.map(([kind, told]) => {
      const key = node("svg", { viewBox: "0 0 24 10", class: "key" });
      const path = kind === "truth" ? "M0 10V3H24V10Z" : "M0 5H24";
      key.append(node("path", { d: path, class: kind }));
      return node("span", {}, key, told);
    }));
  }

  panel(name, colour, curves, clean, k) {
    const [width, height] = CHART;
    const chart = node("svg", { viewBox: `0 -2 ${width} ${height + 4}`, preserveAspectRatio: "none" });
    chart.append(node("path", { d: `M0 ${height / 2}H${width}`, class: "grid" }));
    for (const { values, kind } of curves) chart.append(node("path", { d: this.curve(values, kind), class: kind }));
    if (clean !== null)
      chart.append(node("path", { d: `M0 ${height * (1 - clean)}H${width}`, class: "clean" }));
    const cursor = node("line", { y1: 0, y2: height, class: "cursor" });
    chart.append(cursor);
    const scrub = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const { left, width: wide } = chart.getBoundingClientRect();
      this.stop();
      this.go(Math.round(((event.clientX - left) / wide) * (this.count - 1)));
    };
    chart.addEventListener("pointerdown", scrub);
    chart.addEventListener("pointermove", scrub);
    const numbers = curves.map(({ label, kind }) => node("b", { class: kind, title: label }));
    const head = node("header", {}, node("i", { class: "dot" }), node("span", {}, name),
      ...curves.flatMap(({ label }, index) => [node("small", {}, label), numbers[index]]));
    const axis = node("div", { class: "axis" }, ...[0, this.count - 1].map((place) =>
      node("span", {}, `${Math.round(this.data.position[place])}`)));
    axis.children[0].after(node("span", {}, this.data.axis));
    const scale = node("div", { class: "scale", "aria-hidden": "true" },
      ...["1", "0.5", "0"].map((value) => node("span", {}, value)));
    const map = k !== null && this.maps ? this.map() : null;
    const element = node("section", {}, head,
      node("div", { class: "body" }, map?.element ?? this.blank(), scale,
        node("div", {}, chart, axis)));
    element.style.setProperty("--colour", colour);
    return { element, cursor, numbers, curves, map, k };
  }

  /** A map over the grey photo, with the hidden place marked. */
  map() {
    const [rows, columns] = this.data.mapSize;
    const canvas = node("canvas", { width: columns, height: rows });
    const hole = node("i");
    canvas.style.opacity = this.data.opacity;
    const element = this.blank();
    element.append(node("img", { src: this.data.photo, alt: "" }), canvas, hole);
    return { element, canvas, hole };
  }

  /** Room for a map; it keeps a chart without one in line with the others. */
  blank() {
    const element = node("div", { class: "map" });
    element.style.aspectRatio = this.data.size.join(" / ");
    return element;
  }

  curve(values, kind) {
    const [width, height] = CHART;
    const x = (place) => ((place / Math.max(1, this.count - 1)) * width).toFixed(1);
    const line = values.map((value, place) => `${x(place)} ${(height * (1 - value)).toFixed(1)}`).join("L");
    return kind === "truth" ? `M0 ${height}L${line}L${width} ${height}Z` : `M${line}`;
  }

  // Time

  go(place) {
    this.place = Math.min(this.count - 1, Math.max(0, place));
    const { boxes, size: [width, height], position } = this.data;
    const [top, bottom, left, right] = boxes[this.place];
    const box = { x: left, y: top, width: right - left, height: bottom - top };
    for (const [name, value] of Object.entries(box)) this.hole.setAttribute(name, value);
    this.slider.value = this.place;
    this.where.value = `${this.place + 1} of ${this.count} · ${Math.round(position[this.place])} px`;
    const x = (this.place / Math.max(1, this.count - 1)) * CHART[0];
    for (const { cursor, numbers, curves, map, k } of this.charts) {
      cursor.setAttribute("x1", x);
      cursor.setAttribute("x2", x);
      curves.forEach(({ values }, index) => (numbers[index].textContent = shown(values[this.place])));
      if (!map) continue;
      Object.assign(map.hole.style, { left: `${(100 * left) / width}%`, top: `${(100 * top) / height}%`,
        width: `${(100 * box.width) / width}%`, height: `${(100 * box.height) / height}%` });
      this.paint(map.canvas, k);
    }
  }

  paint(canvas, k) {
    const { width, height } = canvas;
    const pixels = new ImageData(width, height);
    const start = (this.place * this.data.names.length + k) * width * height;
    for (let pixel = 0; pixel < width * height; pixel++) {
      const colour = 3 * this.maps[start + pixel];
      pixels.data.set(this.colours.subarray(colour, colour + 3), 4 * pixel);
      pixels.data[4 * pixel + 3] = 255;
    }
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  }

  /** Once through in about six seconds, at most twenty frames a second. */
  play() {
    if (this.place === this.count - 1) this.go(0);
    this.timer = setInterval(() => {
      if (!this.root.isConnected || this.place === this.count - 1) return this.stop();
      this.go(this.place + 1);
    }, Math.max(50, 6000 / this.count));
    this.button.textContent = "❚❚";
    this.button.setAttribute("aria-label", "Pause");
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.button.textContent = "▶";
    this.button.setAttribute("aria-label", "Play");
  }
}

/** Show a sweep in an element; the same data again changes nothing. */
function mountPlayer(root, data) {
  if (root.player?.data.id === data.id) return;
  root.player?.stop();
  root.player = new Player(root, data);
}
