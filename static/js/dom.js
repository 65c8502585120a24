// Small helpers shared by the modules.
export const one = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// One listener for all elements that match, now and later: `on("click", "[data-print]", (element, event) => ...)`.
export function on(type, selector, handle) {
  document.addEventListener(type, (event) => {
    const element = event.target instanceof Element ? event.target.closest(selector) : null;
    if (element) handle(element, event);
  });
}

// Runs on the page, and again on each part that htmx puts into it.
export function onContent(handle) {
  handle(document);
  document.addEventListener("htmx:afterSettle", (event) => handle(event.detail.elt ?? event.target));
}

export function tell(text, level = "success") {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));
}
