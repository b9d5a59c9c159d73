// The address bar's history, the visitor's key, and the names of their pictures, in their browser.

const NAMES = "aonet-lens names";
const MOST_NAMES = 60;

/**
 * Streamlit writes every change of the address as a step, and several for one click: on the way to
 * another page it empties this one's first, then names the other one, then what is chosen there.
 * Here what the visitor did on purpose is one step, and looks are none.
 */
function install() {
  const visit = { acted: false, minor: [] };
  const push = history.pushState.bind(history);
  const step = (to) => {
    if (!visit.acted) return false; // it belongs to the step before
    if (to.pathname !== location.pathname || !to.search) return true;
    const [before, after] = [location, to].map(({ search }) => new URLSearchParams(search));
    const names = [...new Set([...before.keys(), ...after.keys()])];
    return names.some((name) => before.get(name) !== after.get(name) && !visit.minor.includes(name));
  };
  history.pushState = (state, title, url) => {
    if (!step(new URL(url ?? "", location.href))) return history.replaceState(state, title, url);
    visit.acted = false;
    push(state, title, url);
  };
  for (const kind of ["pointerdown", "keydown", "change"])
    addEventListener(kind, () => (visit.acted = true), true);
  addEventListener("popstate", () => (visit.acted = false));
  return visit;
}

function cookie(name) {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

function keep(name, value, seconds) {
  const safe = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${seconds}; SameSite=Strict${safe}`;
}

/** What pictures were called, for when they are gone: as long as they would be kept, no longer. */
function names(titles, seconds) {
  let known = {};
  try { known = JSON.parse(localStorage.getItem(NAMES)) ?? {}; } catch { /* not ours, or damaged */ }
  const now = Date.now();
  for (const [key, title] of Object.entries(titles)) known[key] = [title, now];
  // Longer than the pictures: their names are missed when they are gone.
  const fresh = Object.entries(known).filter(([, [, at]]) => now - at < 14 * 1000 * seconds)
    .sort(([, [, a]], [, [, b]]) => b - a).slice(0, MOST_NAMES);
  try { localStorage.setItem(NAMES, JSON.stringify(Object.fromEntries(fresh))); } catch { /* no room */ }
  return Object.fromEntries(fresh.map(([key, [title]]) => [key, title]));
}

function forget(name) {
  keep(name, "", 0);
  for (const key of Object.keys(localStorage)) if (key.startsWith("aonet-lens")) localStorage.removeItem(key);
  // A new session: this one's upload fields still hold their files.
  location.replace(location.pathname);
}

export default function ({ data, setStateValue }) {
  const visit = (globalThis.aonetLensVisit ??= install());
  visit.minor = data.minor;
  if (data.forget) return forget(data.cookie);
  const held = cookie(data.cookie);
  if (held && held !== data.secret && !visit.told) {
    visit.told = true;
    setStateValue("secret", held);
  } else keep(data.cookie, held ?? data.secret, data.seconds);
  const known = names(data.titles, data.seconds);
  const asked = data.asked.filter((key) => known[key] && !visit.answered?.includes(key));
  if (asked.length) {
    visit.answered = [...(visit.answered ?? []), ...asked];
    setStateValue("titles", Object.fromEntries(asked.map((key) => [key, known[key]])));
  }
}
