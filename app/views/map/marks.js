// What lies over the points: stars, placed pictures with their arrows, the drawn area, the legend.

const SVG = "http://www.w3.org/2000/svg";

function node(tag, attributes = {}, ...children) {
  const drawn = ["path", "circle", "g"].includes(tag);
  const made = drawn ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A five-pointed star. */
function starPath(x, y, radius) {
  const corner = (index) => {
    const angle = (Math.PI * index) / 5 - Math.PI / 2, length = index % 2 ? 0.42 * radius : radius;
    return `${(x + length * Math.cos(angle)).toFixed(1)} ${(y + length * Math.sin(angle)).toFixed(1)}`;
  };
  return `M${Array.from({ length: 10 }, (_, index) => corner(index)).join("L")}Z`;
}

/** A line from a place to near another, and its head. */
function arrowPaths([x, y], [u, v]) {
  const length = Math.hypot(u - x, v - y);
  if (length < 14) return null;
  const [dx, dy] = [(u - x) / length, (v - y) / length];
  const [tx, ty] = [u - 7 * dx, v - 7 * dy];
  const [bx, by] = [tx - 8 * dx, ty - 8 * dy];
  return {
    line: `M${x + 6 * dx} ${y + 6 * dy}L${bx} ${by}`,
    head: `M${tx} ${ty}L${bx - 4 * dy} ${by + 4 * dx}L${bx + 4 * dy} ${by - 4 * dx}Z`,
  };
}

/** Everything over the points, as SVG elements. */
function marks(cloud, view, data, area, rings) {
  const place = (coordinates) =>
    cloud.screen(view, coordinates.map((value, axis) => value - cloud.middle[axis]));
  const made = rings.map((point) =>
    node("circle", { cx: cloud.x[point], cy: cloud.y[point], r: 6, class: "ring" }));
  for (const { at, colour, label } of data.stars) {
    const [x, y] = place(at);
    const star = node("path", { d: starPath(x, y, 10), fill: colour, class: "star" });
    star.setAttribute("role", "img");
    star.setAttribute("aria-label", label);
    made.push(star);
  }
  const [whole, hidden] = data.placed.map(({ at }) => at.map(place));
  (whole ?? []).forEach((from, index) => {
    const colour = data.placed[0].colours[index];
    const to = hidden?.[index];
    made.push(node("circle", { cx: from[0], cy: from[1], r: 5.5, fill: colour,
      class: `placed ${to ? "whole" : ""}` }));
    if (!to) return;
    made.push(node("circle", { cx: to[0], cy: to[1], r: 5.5, fill: colour, class: "placed" }));
    const arrow = arrowPaths(from, to);
    if (arrow)
      made.push(node("path", { d: arrow.line, class: "arrow" }), node("path", { d: arrow.head, class: "head" }));
  });
  if (area?.length > 1)
    made.push(node("path", { d: `M${area.map((corner) => corner.join(" ")).join("L")}Z`, class: "area" }));
  return made;
}

const MOST_KINDS = 24;

/** What the colours mean; a kind can be clicked to select its points. */
function legend(column, data, scale, choose) {
  const parts = [];
  if (column.kind === "scale") {
    const stops = Array.from({ length: 16 }, (_, stop) => {
      const at = 3 * Math.round((stop / 15) * 254);
      return `rgb(${scale[at]},${scale[at + 1]},${scale[at + 2]})`;
    });
    const bar = node("i");
    bar.style.background = `linear-gradient(90deg, ${stops})`;
    parts.push(node("span", { class: "scale" }, column.labels[0], bar, column.labels[1]));
  } else if (column.labels.length > MOST_KINDS) {
    parts.push(node("span", { class: "note" },
      `${column.labels.length} kinds, a hue each: point at one to read it`));
  } else {
    column.labels.forEach((label, kind) => {
      const dot = node("i");
      dot.style.background = `rgb(${column.rgb[kind]})`;
      const button = node("button", { type: "button", title: "Select its points; Shift adds them" }, dot, label);
      button.addEventListener("click", (event) => choose(kind, event));
      parts.push(button);
    });
  }
  if (column.unknown) {
    const dot = node("i");
    dot.style.background = `rgb(${UNKNOWN})`;
    parts.push(node("span", { class: "scale" }, dot, "unknown"));
    dot.style.width = ".7em";
  }
  for (const note of data.legend) parts.push(node("span", { class: "note" }, note));
  return parts;
}
