// Long lists of checkboxes: a field that hides what doesn't match, and says how many are ticked.
import { all, on, onContent, one } from "./dom.js";

const WORTH_SEARCHING = 8;

export function startSearched() {
  onContent((part) => {
    for (const head of all("[data-searched]", part)) {
      head.hidden = boxes(head).length < WORTH_SEARCHING;
      tellTicked(head);
    }
  });
  on("input", "[data-searched] input", (field) => {
    const head = field.closest("[data-searched]");
    const words = field.value.toLowerCase().split(/\s+/);
    for (const box of boxes(head)) {
      const text = box.closest("label").textContent.toLowerCase();
      box.closest("div").hidden = !words.every((word) => text.includes(word));
    }
    tellTicked(head);
  });
  on("change", ".searched input[type=checkbox]", (box) => {
    tellTicked(one("[data-searched]", box.closest(".searched")));
  });
  // Enter would send the form; here it ticks what was looked for, and the next name can be typed at once.
  on("keydown", "[data-searched] input", (field, event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const left = boxes(field.closest("[data-searched]")).filter((box) => !box.closest("div").hidden);
    if (left.length !== 1) return;
    left[0].click();
    field.select();
  });
}

const boxes = (head) => all("input[type=checkbox]", head.closest("fieldset"));

function tellTicked(head) {
  const every = boxes(head);
  const shown = every.filter((box) => !box.closest("div").hidden).length;
  const ticked = every.filter((box) => box.checked).length;
  const found = shown < every.length ? `${shown} of ${every.length} shown, ` : "";
  one("[role=status]", head).textContent = `${found}${ticked} ticked`;
}
