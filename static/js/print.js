import { on } from "./dom.js";

export function startPrint() {
  on("click", "[data-print]", () => window.print());
}
