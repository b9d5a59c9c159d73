// Shows HTML whose parts can be picked: links that tell Python instead of leaving the page. Pointed
// at, or reached by key, a link with a picture shows it in large.

const LARGER = 2.5; // of a preview, times the thumbnail
const TALLEST = 440; // pixels of the screen
const MARGIN = 12;

/** The picture of a link in large, beside it and inside the window; nothing that can be clicked. */
function preview(root, link) {
  root.querySelector(".preview")?.remove();
  const picture = link?.querySelector("img");
  if (!picture?.complete || !picture.naturalWidth) return;
  const ratio = picture.naturalWidth / picture.naturalHeight;
  const height = Math.min(TALLEST, innerHeight - 80, LARGER * Math.max(picture.naturalHeight, 96));
  const width = height * ratio;
  const at = picture.getBoundingClientRect();
  const right = at.right + MARGIN + width < innerWidth;
  const box = document.createElement("figure");
  box.className = "preview";
  box.setAttribute("aria-hidden", "true");
  box.style.width = `${width}px`;
  box.style.left = `${Math.max(4, right ? at.right + MARGIN : at.left - MARGIN - width)}px`;
  box.style.top = `${Math.max(4, Math.min(at.top, innerHeight - height - 60))}px`;
  const image = document.createElement("img");
  image.src = picture.src;
  const words = document.createElement("figcaption");
  words.textContent = link.dataset.told;
  box.append(image, words);
  root.append(box);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".picks");
  if (root.shown !== data.html) {
    root.innerHTML = data.html;
    root.shown = data.html;
  }
  const linkOf = (event) => event.target.closest?.("[data-pick]");
  preview(root, null);
  root.onclick = (event) => {
    const link = linkOf(event);
    // With a key held down the browser opens the link by itself, in another tab.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    preview(root, null);
    setTriggerValue("picked", link.dataset.pick);
  };
  // A finger has nothing to point with before it clicks.
  root.onpointerover = (event) => event.pointerType === "mouse" && preview(root, linkOf(event));
  root.onpointerleave = () => preview(root, null);
  root.onkeydown = (event) => event.key === "Escape" && preview(root, null);
  if (root.wired) return;
  root.wired = true;
  root.addEventListener("focusin", (event) =>
    linkOf(event)?.matches(":focus-visible") && preview(root, linkOf(event)));
  root.addEventListener("focusout", () => preview(root, null));
}
