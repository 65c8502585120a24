// Lists to choose from at the counter: arrow keys move between the choices and the field above them.
import { all, one } from "./dom.js";

export function startChoices() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const area = event.target.closest?.("[data-choices]");
    if (!area || event.target.matches("select, textarea, input[type=number], input[type=radio]")) return;
    const stops = [one("[data-choices-field]", area), ...all("a.choice, button.choice", area)].filter(Boolean);
    const at = stops.indexOf(document.activeElement);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !next) return;
    next.focus();
    event.preventDefault();
  });
  // "/" goes to the field that the page starts with.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
    const field = one("[data-slash]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select?.();
  });
}
