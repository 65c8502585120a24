// Short messages at the edge. Those of the page itself (Django's messages) become toasts too.
// The server may send one to htmx by the header HX-Trigger: {"toast": {"text": "Saved.", "level": "success"}}.
import { all, one } from "./dom.js";

const STAYS = { error: 0, warning: 12000 };

export function startToasts() {
  const box = one("#toasts");
  if (!box) return;

  const show = (text, level = "success") => {
    const toast = document.createElement("div");
    toast.className = `toast ${level}`;
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "icon-button";
    close.setAttribute("aria-label", "Dismiss message");
    close.textContent = "×";
    close.addEventListener("click", () => remove(toast));
    toast.append(words, close);
    raise();
    box.append(toast);
    const stays = STAYS[level] ?? 6000;
    if (stays) setTimeout(() => remove(toast), stays);
  };

  const remove = (toast) => {
    toast.remove();
    if (!box.children.length && box.matches(":popover-open")) box.hidePopover();
  };

  // A popover opened last lies above an open dialog.
  const raise = () => {
    if (!box.showPopover) return;
    box.setAttribute("popover", "manual");
    if (box.matches(":popover-open")) box.hidePopover();
    box.showPopover();
  };

  document.addEventListener("toast", (event) => show(event.detail.text ?? event.detail.value, event.detail.level));

  // An error message of the page stays where it stands; the rest moves to the edge.
  for (const message of all("[data-message]")) {
    if (message.dataset.message === "error") continue;
    show(message.textContent.trim(), message.dataset.message);
    message.remove();
  }
  // An emptied list would leave its gap.
  for (const list of all(".messages:not(:has(*))")) list.remove();
}
