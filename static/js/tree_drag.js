// Dragging a row of a tree onto another opens the dialog that moves it there, filled in: only the server moves.
// The dialog's own button does the same by keyboard and touch.
import { all, one } from "./dom.js";

const ITEM = '[role="treeitem"]';
let dragged = null;

const itemOf = (event) => event.target.closest?.(ITEM) ?? null;

// Not onto itself or what is below it, not where it is already, and not onto what can have nothing below.
function takes(item) {
  if (!dragged || !item || item.closest('[role="tree"]') !== dragged.closest('[role="tree"]')) return false;
  return !dragged.contains(item) && dragged.parentElement.closest(ITEM) !== item && !("leaf" in item.dataset);
}

function mark(item) {
  for (const row of all(".tree-row.drop, .tree-row.no-drop")) row.classList.remove("drop", "no-drop");
  if (item && item !== dragged) one(".tree-row", item).classList.add(takes(item) ? "drop" : "no-drop");
}

const keyOf = (item) => one(".tree-label", item).id.replace("node-", "");

export function makeDraggable(within) {
  for (const item of all(`${ITEM}[data-move]`, within)) {
    one(".tree-row", item).draggable = true;
    one(".tree-label", item).draggable = false;
  }
}

export function startTreeDrag() {
  document.addEventListener("dragstart", (event) => {
    const item = itemOf(event);
    if (!item?.dataset.move) return;
    dragged = item;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", one(".tree-label", item).textContent);
  });
  document.addEventListener("dragover", (event) => {
    if (!dragged) return;
    const item = itemOf(event);
    mark(item);
    if (takes(item)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const item = itemOf(event);
    if (!takes(item)) return;
    event.preventDefault();
    window.htmx.ajax("GET", `${dragged.dataset.move}?to=${encodeURIComponent(keyOf(item))}`, {
      source: one(".tree-label", dragged),
      target: "#modal-body",
    });
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    mark(null);
  });
}
