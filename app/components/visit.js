// The address bar's history, the visitor's key, and the names of their pictures, in their browser.

const NAMES = "aonet-lens names";
const MOST_NAMES = 60;
const SOON = 150, WAY = 3000; // milliseconds in which the way to another page begins

/** Streamlit writes every change of the address as a step; only what a visitor did on purpose is one. */
function install() {
  const visit = { acted: false, minor: [] };
  const push = history.pushState.bind(history);
  const same = (to) => to.pathname === location.pathname;
  const changed = (to) => {
    const [before, after] = [location, to].map(({ search }) => new URLSearchParams(search));
    const names = new Set([...before.keys(), ...after.keys()]);
    return [...names].filter((name) => before.get(name) !== after.get(name));
  };
  const step = (to) => !same(to) || (visit.acted &&
    changed(to).some((name) => !visit.minor.includes(name)));
  const write = (state, title, url) => {
    if (!step(new URL(url, location.href))) return history.replaceState(state, title, url);
    visit.acted = false;
    push(state, title, url);
  };
  history.pushState = (state, title, url) => {
    clearTimeout(visit.timer);
    if (url == null) return push(state, title, url);
    const to = new URL(url, location.href);
    if (!same(to)) return write(state, title, url);
    // On the way to another page this one's address is emptied first: that is no step, nor kept.
    visit.timer = setTimeout(() => write(state, title, url), to.search ? SOON : WAY);
  };
  for (const kind of ["pointerdown", "keydown", "change"])
    addEventListener(kind, () => (visit.acted = true), true);
  addEventListener("popstate", () => {
    clearTimeout(visit.timer);
    visit.acted = false;
  });
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
