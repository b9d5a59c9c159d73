// Shows HTML whose parts can be picked: links that tell Python instead of leaving the page.

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".picks");
  if (root.shown !== data.html) {
    root.innerHTML = data.html;
    root.shown = data.html;
  }
  root.onclick = (event) => {
    const link = event.target.closest("[data-pick]");
    // With a key held down the browser opens the link by itself, in another tab.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    setTriggerValue("picked", link.dataset.pick);
  };
}
