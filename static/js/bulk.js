// Rows that are ticked: how many, a range, all of the page, all that match, none. The bar shows itself only when it has
// something to do; without script it always shows.
import { all, on, one, onContent } from "./dom.js";

const panelOf = (element) => element.closest(".table-panel");
const rowsOf = (panel) => all("[data-bulk-row]", panel);
const barOf = (panel) => one("[data-bulk]", panel);
let last = null;

function words(ticked, rows, every, total) {
  if (every?.checked) return `All ${total} that match are selected`;
  return every && ticked === rows ? `All ${rows} on this page are selected` : `${ticked} selected`;
}

function show(panel) {
  const bar = barOf(panel);
  if (!bar) return;
  const rows = rowsOf(panel);
  const ticked = rows.filter((row) => row.checked).length;
  const every = one("[data-bulk-every]", bar);
  if (every) {
    every.checked &&= ticked === rows.length;
    every.closest("label").hidden = ticked < rows.length;
  }
  bar.hidden = ticked === 0;
  one("[data-bulk-count]", bar).textContent = words(ticked, rows.length, every, bar.dataset.total);
  const page = one("[data-bulk-all]", panel);
  page.checked = ticked > 0 && ticked === rows.length;
  page.indeterminate = ticked > 0 && ticked < rows.length;
}

function changed(panel) {
  show(panel);
  const line = one("#announcer");
  if (line) line.textContent = barOf(panel).hidden ? "None selected" : one("[data-bulk-count]", panel).textContent;
}

function tick(panel, checked) {
  for (const row of rowsOf(panel)) row.checked = checked;
  changed(panel);
}

// From the row that was ticked last to this one: each as this one is now.
function tickRange(row) {
  const rows = rowsOf(panelOf(row));
  const [from, to] = [rows.indexOf(last), rows.indexOf(row)].sort((a, b) => a - b);
  if (from >= 0) for (const between of rows.slice(from, to + 1)) between.checked = row.checked;
}

function clear(panel) {
  tick(panel, false);
  one("[data-bulk-all]", panel).focus();
}

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function startBulk() {
  onContent(() => all(".table-panel").forEach(show));
  on("change", "[data-bulk-all]", (page) => tick(panelOf(page), page.checked));
  on("change", "[data-bulk-every]", (every) => changed(panelOf(every)));
  on("click", "[data-bulk-clear]", (button) => clear(panelOf(button)));
  on("click", "[data-bulk-row]", (row, event) => {
    if (event.shiftKey) tickRange(row);
    last = row;
    changed(panelOf(row));
  });
  on("keydown", "[data-bulk-row]", (row, event) => {
    const rows = rowsOf(panelOf(row));
    const next = rows[rows.indexOf(row) + (STEPS[event.key] ?? NaN)];
    if (!next) return;
    event.preventDefault();
    if (event.shiftKey) {
      next.checked = row.checked;
      last = next;
      changed(panelOf(row));
    }
    next.focus();
  });
  on("keydown", ".table-panel", (panel, event) => {
    const bar = barOf(panel);
    if (event.key === "Escape" && bar && !bar.hidden) clear(panel);
  });
}
