// Filter forms send themselves: at once when a choice changes, after a pause when somebody types.
import { on } from "./dom.js";

const PAUSE = 220;
const waiting = new WeakMap();

function send(form, pause) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => form.requestSubmit(), pause));
}

export function startAutosubmit() {
  on("change", "form[data-autosubmit] :is(select, input[type=checkbox], input[type=radio], input[type=date])", (control) => {
    send(control.form, 0);
  });
  on("input", "form[data-autosubmit] :is(input[type=search], input[type=text])", (control) => {
    send(control.form, PAUSE);
  });
  on("submit", "form[data-autosubmit]", (form) => clearTimeout(waiting.get(form)));
}
