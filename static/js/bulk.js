// Rows that are ticked: how many, all of them, none of them. The bar shows itself only when it has something to do.
import { all, on, one, onContent } from "./dom.js";

function show(panel) {
  const bar = one("[data-bulk]", panel);
  if (!bar) return;
  const rows = all("[data-bulk-row]", panel);
  const ticked = rows.filter((row) => row.checked).length;
  bar.hidden = ticked === 0;
  one("[data-bulk-count]", bar).textContent = `${ticked} selected`;
  const every = one("[data-bulk-all]", panel);
  every.checked = ticked > 0 && ticked === rows.length;
  every.indeterminate = ticked > 0 && ticked < rows.length;
}

export function startBulk() {
  onContent(() => all(".table-panel").forEach(show));
  on("change", "[data-bulk-all]", (every) => {
    const panel = every.closest(".table-panel");
    for (const row of all("[data-bulk-row]", panel)) row.checked = every.checked;
    show(panel);
  });
  on("change", "[data-bulk-row]", (row) => show(row.closest(".table-panel")));
  on("click", "[data-bulk-clear]", (button) => {
    const panel = button.closest(".table-panel");
    for (const row of all("[data-bulk-row]", panel)) row.checked = false;
    show(panel);
    one("[data-bulk-all]", panel).focus();
  });
}
