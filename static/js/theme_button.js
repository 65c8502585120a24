// Light or dark, kept on this machine.
import { on } from "./dom.js";

export function startThemeButton() {
  on("click", "[data-theme-button]", () => {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const shown = root.dataset.theme === "auto" ? system : (root.dataset.theme ?? system);
    root.dataset.theme = shown === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // Storage may be forbidden; the choice holds for this page.
    }
  });
}
