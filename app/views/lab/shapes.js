// The kinds of shape: how each is drawn by hand, changed, written as numbers, and shown.
// Lengths are image pixels; a shape is a plain object that is never changed in place.

const GRID = 8; // steps in a pixel that coordinates are rounded to, as in the core
const snap = (value) => Math.floor(value * GRID + 0.5) / GRID;
const whole = (value) => Math.floor(value + 0.5);
const between = (low, value, high) => Math.min(high, Math.max(low, value));
const distance = ([x1, y1], [x2, y2]) => Math.hypot(x2 - x1, y2 - y1);
const box = (left, top, right, bottom) => ({
  x: Math.min(left, right),
  y: Math.min(top, bottom),
  width: Math.abs(right - left),
  height: Math.abs(bottom - top),
});
const written = (points) => points.map(([x, y]) => `${x},${y}`).join(" ");
const shifted = (points, dx, dy) => points.map(([x, y]) => [x + dx, y + dy]);

/** Points from text such as "10,20 30,40"; null where it is something else. */
function readPoints(text) {
  const pairs = text.trim().split(/[\s;]+/).map((pair) => pair.split(",").map(Number));
  return pairs.every((pair) => pair.length === 2 && pair.every(Number.isFinite)) ? pairs : null;
}

/** Upright boxes: dragged from corner to corner. */
function boxKind(label, round, handles) {
  const smallest = 1 / (round === whole ? 1 : GRID);
  return {
    label,
    fields: ["x", "y", "width", "height"],
    begin: ([x, y]) => ({ x, y, width: 0, height: 0 }),
    extend: (shape, start, point) => ({ ...shape, ...box(...start, ...point) }),
    enough: ({ width, height }) => Math.min(width, height) >= 1,
    move: (shape, dx, dy) => ({ ...shape, x: shape.x + dx, y: shape.y + dy }),
    handles: ({ x, y, width, height }) =>
      handles.map((name) => [
        name,
        x + (name.includes("w") ? 0 : name.includes("e") ? width : width / 2),
        y + (name.includes("n") ? 0 : name.includes("s") ? height : height / 2),
      ]),
    reshape: (shape, name, [x, y]) => {
      const right = shape.x + shape.width;
      const bottom = shape.y + shape.height;
      return {
        ...shape,
        ...box(
          name.includes("w") ? x : shape.x,
          name.includes("n") ? y : shape.y,
          name.includes("e") ? x : right,
          name.includes("s") ? y : bottom,
        ),
      };
    },
    round: (shape) => ({
      ...shape,
      x: round(shape.x),
      y: round(shape.y),
      width: Math.max(smallest, round(shape.width)),
      height: Math.max(smallest, round(shape.height)),
    }),
    usual: (width, height) => ({
      x: whole(width / 4), y: whole(height / 4), width: whole(width / 2), height: whole(height / 4),
    }),
    element: ({ x, y, width, height }) => ["rect", { x, y, width, height }],
  };
}

const AROUND = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

const KINDS = {
  rectangle: boxKind("rectangle", snap, AROUND),
  circle: {
    label: "circle",
    fields: ["x", "y", "radius"],
    begin: ([x, y]) => ({ x, y, radius: 0 }),
    extend: (shape, start, point) => ({ ...shape, radius: distance(start, point) }),
    enough: ({ radius }) => radius >= 0.75,
    move: (shape, dx, dy) => ({ ...shape, x: shape.x + dx, y: shape.y + dy }),
    handles: ({ x, y, radius }) => [["radius", x + radius, y]],
    reshape: (shape, _, point) => ({ ...shape, radius: distance([shape.x, shape.y], point) }),
    round: ({ x, y, radius, ...rest }) => ({
      ...rest, x: snap(x), y: snap(y), radius: Math.max(1 / GRID, snap(radius)),
    }),
    usual: (width, height) => ({
      x: whole(width / 2), y: whole(height / 4), radius: whole(Math.min(width, height) / 5),
    }),
    element: ({ x, y, radius }) => ["circle", { cx: x, cy: y, r: radius }],
  },
  polygon: {
    label: "polygon",
    fields: ["points"],
    enough: ({ points }) => points.length >= 3,
    move: (shape, dx, dy) => ({ ...shape, points: shifted(shape.points, dx, dy) }),
    handles: ({ points }) => points.map(([x, y], index) => [String(index), x, y]),
    reshape: (shape, name, point) => ({
      ...shape, points: shape.points.map((old, index) => (index === Number(name) ? point : old)),
    }),
    round: (shape) => ({ ...shape, points: shape.points.map((point) => point.map(snap)) }),
    usual: (width, height) => ({
      points: [[0.5, 0.2], [0.8, 0.45], [0.2, 0.45]].map(([x, y]) => [
        whole(x * width), whole(y * height),
      ]),
    }),
    element: ({ points }) => ["polygon", { points: written(points) }],
  },
  stroke: {
    label: "brush stroke",
    fields: ["width", "points"],
    begin: (point, { brush }) => ({ points: [point], width: brush }),
    extend: (shape, _, point) =>
      distance(shape.points.at(-1), point) < Math.max(0.5, shape.width / 8)
        ? shape
        : { ...shape, points: [...shape.points, point] },
    enough: () => true,
    move: (shape, dx, dy) => ({ ...shape, points: shifted(shape.points, dx, dy) }),
    handles: () => [],
    round: (shape) => ({
      ...shape,
      width: Math.max(1 / GRID, snap(shape.width)),
      points: shape.points.map((point) => point.map(snap)),
    }),
    usual: (width, height, { brush }) => ({
      points: [[0.25, 0.35], [0.75, 0.35]].map(([x, y]) => [whole(x * width), whole(y * height)]),
      width: brush,
    }),
    // A line of no length has round ends all the same: a dot.
    element: ({ points, width }) => [
      "path",
      { d: `M${points.map((point) => point.join(" ")).join("L")}${points.length < 2 ? "h0" : ""}`,
        "stroke-width": width },
    ],
  },
  stamp: {
    ...boxKind("cut-out", whole, ["nw", "ne", "se", "sw"]),
    begin: ([x, y], { stamp }) => ({ x, y, width: 0, height: 0, source: stamp, flipped: false }),
    // Dragged boxes keep the cut-out's proportions; typed ones need not.
    extend: (shape, [x, y], point, { ratio }) => {
      const width = point[0] - x;
      return { ...shape, ...box(x, y, x + width, y + Math.abs(width) * ratio) };
    },
    reshape: (shape, name, [x, y]) => {
      const ratio = shape.height / shape.width;
      const right = shape.x + shape.width;
      const bottom = shape.y + shape.height;
      const width = Math.max(2, name.includes("w") ? right - x : x - shape.x);
      const height = width * ratio;
      const left = name.includes("w") ? right - width : shape.x;
      return { ...shape, x: left, y: name.includes("n") ? bottom - height : shape.y, width, height };
    },
    usual: (width, height, { stamp, ratio }) => {
      const tall = Math.min(0.7 * height, 0.9 * width * ratio);
      return {
        x: whole((width - tall / ratio) / 2), y: whole(height - tall),
        width: whole(tall / ratio), height: whole(tall), source: stamp, flipped: false,
      };
    },
    element: ({ x, y, width, height, flipped }) => [
      "image",
      { x, y, width, height, preserveAspectRatio: "none",
        transform: flipped ? `translate(${2 * x + width} 0) scale(-1 1)` : "" },
    ],
  },
  crop: {
    ...boxKind("crop", whole, AROUND),
    usual: (width, height) => ({ x: 0, y: 0, width, height: whole(height / 2) }),
  },
};

const kindOf = (shape) => KINDS[shape.kind];
