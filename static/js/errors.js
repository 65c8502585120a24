// After a refused form the summary of what is wrong gets the focus; its links lead into the fields.
import { on, one } from "./dom.js";

export function startErrors() {
  one("main .error-summary")?.focus();
  on("click", ".error-summary a", (link, event) => {
    const field = document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const control = field.matches("input, select, textarea") ? field : one("input, select, textarea", field);
    (control ?? field).focus();
  });
}
