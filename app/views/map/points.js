// The points of a map: decoded, projected to the screen, found and painted pixel by pixel.

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const UNKNOWN = [128, 128, 128];

class Cloud {
  /** Coordinates come as whole numbers of 16 bits on one scale for all axes. */
  constructor({ coordinates, count, dimensions, middle }) {
    const steps = new Uint16Array(bytes(coordinates).buffer);
    this.count = count;
    this.flat = dimensions === 2;
    this.at = new Float32Array(count * 3);
    for (let point = 0; point < count; point++)
      for (let axis = 0; axis < dimensions; axis++)
        this.at[3 * point + axis] = steps[point * dimensions + axis] / 65535 - middle[axis];
    this.middle = middle;
    this.x = new Float32Array(count);
    this.y = new Float32Array(count);
    this.depth = new Float32Array(count);
    this.order = this.mixed();
  }

  /** An order in which no landmark covers the others: steps that share no divisor with the count. */
  mixed() {
    const order = new Uint32Array(this.count);
    let step = Math.floor(this.count * 0.618) | 1;
    const divisor = (a, b) => (b ? divisor(b, a % b) : a);
    while (divisor(step, this.count) > 1) step += 2;
    for (let place = 0, point = 0; place < this.count; place++, point = (point + step) % this.count)
      order[place] = point;
    return order;
  }

  /** Screen pixels of a place in the map: turned, scaled, moved. */
  screen(view, [x, y, z = 0]) {
    if (!this.flat) {
      const { yaw, pitch } = view;
      [x, z] = [x * Math.cos(yaw) + z * Math.sin(yaw), z * Math.cos(yaw) - x * Math.sin(yaw)];
      [y, z] = [y * Math.cos(pitch) - z * Math.sin(pitch), z * Math.cos(pitch) + y * Math.sin(pitch)];
    }
    return [view.x + x * view.zoom, view.y - y * view.zoom, z];
  }

  project(view) {
    const { at, x, y, depth, count } = this;
    if (this.flat) {
      for (let point = 0; point < count; point++) {
        x[point] = view.x + at[3 * point] * view.zoom;
        y[point] = view.y - at[3 * point + 1] * view.zoom;
      }
      return;
    }
    // The same turn for all: three products a row instead of four sines a point.
    const [ox, oy] = this.screen(view, [0, 0, 0]);
    const axes = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((axis) => this.screen(view, axis));
    const [[ax, ay, az], [bx, by, bz], [cx, cy, cz]] = axes.map(([u, v, w]) => [u - ox, v - oy, w]);
    for (let point = 0; point < count; point++) {
      const a = at[3 * point], b = at[3 * point + 1], c = at[3 * point + 2];
      x[point] = ox + a * ax + b * bx + c * cx;
      y[point] = oy + a * ay + b * by + c * cy;
      depth[point] = a * az + b * bz + c * cz;
    }
    this.sort();
  }

  /** Far points first, in 256 layers. */
  sort() {
    const layer = (point) => Math.min(255, Math.max(0, Math.floor((this.depth[point] + 0.9) * 142)));
    const starts = new Uint32Array(257);
    for (let point = 0; point < this.count; point++) starts[layer(point) + 1]++;
    for (let each = 0; each < 256; each++) starts[each + 1] += starts[each];
    for (let point = 0; point < this.count; point++) this.order[starts[layer(point)]++] = point;
  }

  /** Which points lie inside a polygon on the screen, 0 or 1 each. */
  inside(polygon) {
    const found = new Uint8Array(this.count);
    const [left, top, right, bottom] = polygon.reduce(
      ([l, t, r, b], [x, y]) => [Math.min(l, x), Math.min(t, y), Math.max(r, x), Math.max(b, y)],
      [Infinity, Infinity, -Infinity, -Infinity]);
    const corners = polygon.length;
    for (let point = 0; point < this.count; point++) {
      const px = this.x[point], py = this.y[point];
      if (px < left || px > right || py < top || py > bottom) continue;
      let within = 0;
      for (let i = 0, j = corners - 1; i < corners; j = i++) {
        const [xi, yi] = polygon[i], [xj, yj] = polygon[j];
        if (yi > py !== yj > py && px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) within ^= 1;
      }
      found[point] = within;
    }
    return found;
  }

  /** The point under the pointer, -1 for none. */
  nearest(px, py, reach = 8) {
    let best = reach * reach, found = -1;
    for (let point = 0; point < this.count; point++) {
      const away = (this.x[point] - px) ** 2 + (this.y[point] - py) ** 2;
      if (away < best) [best, found] = [away, point];
    }
    return found;
  }
}

/** Colours (N * 3) of a column: a scale from dark to light, or a colour a kind. */
function coloursOf(column, count, per, scale) {
  const colours = new Uint8Array(3 * count);
  for (let point = 0; point < count; point++) {
    const value = column.values[column.each === "picture" ? Math.floor(point / per) : point];
    const colour = column.kind === "scale"
      ? (value === 255 ? UNKNOWN : scale.subarray(3 * value, 3 * value + 3))
      : (column.rgb[value] ?? UNKNOWN);
    colours.set(colour, 3 * point);
  }
  return colours;
}

const rgbOf = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));

/** Soft discs over a plain ground; points that are not selected stand back while some are. */
function paint(image, cloud, colours, selected, some, { radius, ratio, ground }) {
  const { width, height, data } = image;
  const packed = new Uint32Array(data.buffer);
  packed.fill((255 << 24) | (ground[2] << 16) | (ground[1] << 8) | ground[0]);
  const reach = Math.ceil(radius * ratio + 0.5), side = 2 * reach + 1;
  const disc = new Float32Array(side * side);
  for (let v = -reach; v <= reach; v++)
    for (let u = -reach; u <= reach; u++)
      disc[(v + reach) * side + u + reach] =
        Math.min(1, Math.max(0, radius * ratio + 0.5 - Math.hypot(u, v)));
  const strong = cloud.count > 20000 ? 0.7 : 0.85;
  for (const front of some ? [0, 1] : [0]) {
    for (let place = 0; place < cloud.count; place++) {
      const point = cloud.order[place];
      if (some && selected[point] !== front) continue;
      const x = Math.round(cloud.x[point] * ratio), y = Math.round(cloud.y[point] * ratio);
      if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
      const far = cloud.flat ? 1 : Math.min(1, Math.max(0.35, 0.75 + cloud.depth[point] * 0.7));
      const alpha = (some ? (front ? 0.95 : 0.1) : strong) * far;
      const r = colours[3 * point], g = colours[3 * point + 1], b = colours[3 * point + 2];
      for (let v = 0; v < side; v++) {
        let pixel = 4 * ((y - reach + v) * width + x - reach);
        for (let u = 0; u < side; u++, pixel += 4) {
          const share = alpha * disc[v * side + u];
          if (!share) continue;
          data[pixel] += (r - data[pixel]) * share;
          data[pixel + 1] += (g - data[pixel + 1]) * share;
          data[pixel + 2] += (b - data[pixel + 2]) * share;
        }
      }
    }
  }
}

/** One bit a point, for the way to Python. */
function packBits(selected) {
  const packed = new Uint8Array(Math.ceil(selected.length / 8));
  selected.forEach((each, point) => each && (packed[point >> 3] |= 1 << (point & 7)));
  let text = "";
  for (let start = 0; start < packed.length; start += 8192)
    text += String.fromCharCode(...packed.subarray(start, start + 8192));
  return btoa(text);
}

function unpackBits(text, count) {
  const packed = bytes(text);
  return Uint8Array.from({ length: count }, (_, point) => (packed[point >> 3] >> (point & 7)) & 1);
}
