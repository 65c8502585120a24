// The workbench of a reconciliation by keyboard: j and k go through the rows, the other letters press a row's buttons.
import { all, one, onContent } from "./dom.js";

const PRESSED = { c: '[data-do="c"]', s: '[data-do="s"]', a: '[data-do="a"]', x: "[data-bulk-row]" };

const rows = () => all("[data-finding]").map((buttons) => buttons.closest("tr"));
const current = () => one("tr.current");

function go(step) {
  const list = rows();
  const next = list[Math.min(Math.max(list.indexOf(current()) + step, 0), list.length - 1)];
  if (!next) return;
  current()?.classList.remove("current");
  next.classList.add("current");
  const target = one("input, a, button", next);
  target?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function isTyping(element) {
  return element.matches("input:not([type=checkbox]), textarea, select, [contenteditable]") || element.closest("dialog");
}

export function startFindings() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !one("[data-finding]")) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (PRESSED[event.key]) one(PRESSED[event.key], current() ?? document.createElement("i"))?.click();
    else return;
    event.preventDefault();
  });
  onContent(() => current()?.classList.remove("current"));
}
