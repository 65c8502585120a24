// Trees, by the WAI-ARIA keyboard model. Without script each row is a plain link and everything is unfolded.
// A branch with data-children="/address/" fetches its children, as <li> elements, when it is first opened.
import { all, on, one, onContent, tell } from "./dom.js";
import { makeDraggable, startTreeDrag } from "./tree_drag.js";

const ITEM = '[role="treeitem"]';
const parentOf = (item) => item.parentElement.closest(ITEM);
const isBranch = (item) => item.hasAttribute("aria-expanded");
const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
const shown = (tree) => all(ITEM, tree).filter((item) => item.offsetParent !== null);

function focus(tree, item) {
  for (const other of all(`${ITEM}[tabindex="0"]`, tree)) other.tabIndex = -1;
  item.tabIndex = 0;
  item.focus();
  one(".tree-row", item).scrollIntoView({ block: "nearest" });
}

async function setOpen(item, open) {
  if (!isBranch(item)) return;
  item.setAttribute("aria-expanded", String(open));
  if (open) await load(item);
}

async function load(item) {
  const address = item.dataset.children;
  if (!address) return;
  delete item.dataset.children;
  item.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const group = one(':scope > [role="group"]', item) ?? item.appendChild(document.createElement("ul"));
    group.setAttribute("role", "group");
    group.innerHTML = await answer.text();
    prepare(group);
    window.htmx?.process(group);
  } catch {
    item.dataset.children = address;
    item.setAttribute("aria-expanded", "false");
    tell("These entries could not be loaded. Try again.", "error");
  } finally {
    item.removeAttribute("aria-busy");
  }
}

function select(tree, item) {
  for (const other of all(`${ITEM}[aria-selected="true"]`, tree)) other.setAttribute("aria-selected", "false");
  item.setAttribute("aria-selected", "true");
}

// The links inside leave the tab order: the tree is one stop, arrows move within it.
function prepare(within) {
  for (const link of all(".tree-label", within)) link.tabIndex = -1;
  makeDraggable(within);
}

const KEYS = {
  ArrowDown: (tree, item) => step(tree, item, 1),
  ArrowUp: (tree, item) => step(tree, item, -1),
  Home: (tree) => focus(tree, shown(tree)[0]),
  End: (tree) => focus(tree, shown(tree).at(-1)),
  ArrowRight: async (tree, item) => {
    if (isBranch(item) && !isOpen(item)) await setOpen(item, true);
    else if (isBranch(item)) step(tree, item, 1);
  },
  ArrowLeft: (tree, item) => {
    const parent = parentOf(item);
    if (isBranch(item) && isOpen(item)) setOpen(item, false);
    else if (parent && tree.contains(parent)) focus(tree, parent);
  },
  Enter: (_, item) => one(".tree-label", item).click(),
  " ": (_, item) => one(".tree-label", item).click(),
  "*": (_, item) => all(`:scope > ${ITEM}`, item.parentElement).forEach((sibling) => setOpen(sibling, true)),
};

function step(tree, item, by) {
  const items = shown(tree);
  const next = items[items.indexOf(item) + by];
  if (next) focus(tree, next);
}

// A letter goes to the next row that begins with it.
function typeahead(tree, item, letter) {
  const items = shown(tree);
  const at = items.indexOf(item);
  const order = items.slice(at + 1).concat(items.slice(0, at));
  const found = order.find((other) => one(".tree-label", other).textContent.trim().toLowerCase().startsWith(letter));
  if (found) focus(tree, found);
  return Boolean(found);
}

export function startTrees() {
  startTreeDrag();
  onContent((within) => {
    for (const tree of all('[role="tree"]', within)) {
      prepare(tree);
      const start = one(`${ITEM}[aria-selected="true"]`, tree) ?? one(ITEM, tree);
      if (start && !one(`${ITEM}[tabindex="0"]`, tree)) start.tabIndex = 0;
    }
  });
  on("click", `[role="tree"] ${ITEM} > .tree-row`, (row, event) => {
    const item = row.parentElement;
    const tree = item.closest('[role="tree"]');
    if (event.target.closest(".tree-twist") && isBranch(item)) {
      setOpen(item, !isOpen(item));
      focus(tree, item);
      return;
    }
    select(tree, item);
    const link = one(".tree-label", row);
    if (link !== event.target && !link.contains(event.target)) link.click();
  });
  on("keydown", `[role="tree"] ${ITEM}`, (item, event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const tree = item.closest('[role="tree"]');
    const act = KEYS[event.key];
    if (act) act(tree, item);
    else if (event.key.length !== 1 || !typeahead(tree, item, event.key.toLowerCase())) return;
    event.preventDefault();
  });
  // Folds everything below the first level.
  on("click", "[data-tree-fold]", (button) => {
    const tree = document.getElementById(button.getAttribute("aria-controls"));
    for (const item of all(`${ITEM}:not([aria-level="1"])[aria-expanded="true"]`, tree)) {
      item.setAttribute("aria-expanded", "false");
    }
  });
}
