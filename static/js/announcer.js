// Says aloud how many results a filter left: the text of [data-announce] in a swapped part.
import { one } from "./dom.js";

export function startAnnouncer() {
  const line = one("#announcer");
  if (!line) return;
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const words = one("[data-announce]", event.target.isConnected ? event.target : document);
    if (words) line.textContent = words.textContent.trim().replace(/\s+/g, " ");
  });
}
