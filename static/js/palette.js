// Ctrl-K: search and jump. The field keeps the focus, the arrows move a mark over the results.
import { all, on, one } from "./dom.js";

export function startPalette() {
  const dialog = one("#palette");
  const field = one("#palette-field");
  const results = one("#palette-results");
  if (!dialog || !field || !results) return;

  const hits = () => all(".hit", results);
  const marked = () => one('.hit[aria-selected="true"]', results);

  const mark = (hit) => {
    marked()?.setAttribute("aria-selected", "false");
    if (hit) {
      hit.setAttribute("aria-selected", "true");
      hit.scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", hit.id);
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  };

  const open = () => {
    if (dialog.open || one("#modal")?.open) return;
    dialog.showModal();
    field.select();
  };

  on("click", "[data-palette-button]", (_, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open();
  });
  dialog.addEventListener("mousedown", (event) => {
    if (event.target === dialog) dialog.close();
  });
  field.addEventListener("keydown", (event) => {
    const list = hits();
    const at = list.indexOf(marked());
    if (event.key === "ArrowDown") mark(list[(at + 1) % list.length]);
    else if (event.key === "ArrowUp") mark(list.at(at <= 0 ? -1 : at - 1));
    else if (event.key === "Enter" && marked()) marked().click();
    else if (event.key === "Escape") dialog.close(); // a search field would only be emptied
    else return;
    event.preventDefault();
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== results) return;
    field.setAttribute("aria-expanded", String(hits().length > 0));
    mark(hits()[0]);
  });
}
