// The form builder: an item is dragged by its grip to another place. The buttons beside it do the same step by step.
import { all, on } from "./dom.js";

let dragged = null;

function over(list, y) {
  return all("li", list).find((item) => item.getBoundingClientRect().bottom > y) ?? list.lastElementChild;
}

function mark(list, item) {
  for (const one of all("li", list)) one.classList.toggle("over", one === item);
}

export function startReorder() {
  on("pointerdown", ".builder-grip", (grip, event) => {
    dragged = grip.closest("li");
    event.preventDefault();
  });
  document.addEventListener("pointermove", (event) => {
    if (dragged) mark(dragged.parentElement, over(dragged.parentElement, event.clientY));
  });
  document.addEventListener("pointerup", (event) => {
    if (!dragged) return;
    const [item, list] = [dragged, dragged.parentElement];
    dragged = null;
    const target = over(list, event.clientY);
    mark(list, null);
    if (target === item) return;
    const button = Object.assign(document.createElement("input"), {
      type: "hidden",
      name: "do",
      value: `to:${item.dataset.link}:${all("li", list).indexOf(target)}`,
    });
    const form = list.closest("form");
    form.append(button);
    form.requestSubmit();
  });
}
