// What was drawn before, kept in the visitor's browser: undo goes on after a reload.

const UNDO = "aonet-lens undo";
const MOST_PICTURES = 12, MOST_STEPS = 60, LARGEST_UNDO = 400_000;

function undoKept(seconds) {
  try {
    const found = Object.entries(JSON.parse(localStorage.getItem(UNDO)) ?? {});
    return Object.fromEntries(found.filter(([, { at }]) => Date.now() - at < 1000 * seconds));
  } catch {
    return {}; // not ours, or damaged
  }
}

/** Steps back and forth from shapes; what was drawn last where it is something else is a step back. */
function recallUndo({ key, seconds }, shapes) {
  const kept = undoKept(seconds)[key];
  if (!kept) return { past: [], future: [] };
  const same = JSON.stringify(kept.shapes) === JSON.stringify(shapes);
  return same ? kept : { past: [...kept.past, kept.shapes], future: [] };
}

function keepUndo({ key, seconds }, { past, shapes, future }) {
  const { [key]: _, ...others } = undoKept(seconds);
  const entries = [[key, { at: Date.now(), past: past.slice(-MOST_STEPS), shapes, future }],
    ...Object.entries(others).sort(([, a], [, b]) => b.at - a.at)].slice(0, MOST_PICTURES);
  let text;
  while ((text = JSON.stringify(Object.fromEntries(entries))).length > LARGEST_UNDO && entries.length)
    entries.pop();
  try { localStorage.setItem(UNDO, text); } catch { /* no room: undo ends with the page */ }
}

/** What changed from one drawing to the next, in a few words. */
function describeStep(before, after) {
  const label = ({ kind }) => (KINDS[kind].label ?? kind).toLowerCase();
  if (!after.length) return "nothing hidden";
  if (!before) return `${after.length} to begin with`;
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const place = after.findIndex((shape, index) => !same(shape, before[index]));
  if (after.length === before.length + 1) return `${label(after.at(-1))} added`;
  if (after.length === before.length && place >= 0) return `${label(after[place])} changed`;
  if (after.length === before.length - 1) return `${label(before[place < 0 ? before.length - 1 : place])} deleted`;
  return `${after.length} shapes put in place`;
}

/** The steps before and after the present drawing, as buttons that go there. */
function drawHistory(canvas) {
  const box = canvas.find(".history");
  if (!box || canvas.drag) return;
  const states = [...canvas.past, canvas.shapes, ...[...canvas.future].reverse()];
  box.hidden = states.length < 2;
  box.querySelector("ol").replaceChildren(...states.map((shapes, step) => {
    const button = html("button", { type: "button", textContent: describeStep(states[step - 1], shapes) });
    if (step === canvas.past.length) button.setAttribute("aria-current", "step");
    button.addEventListener("click", () => canvas.goTo(step));
    const line = html("li");
    line.append(button);
    return line;
  }));
}
