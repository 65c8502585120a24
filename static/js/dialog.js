// A form or a question in the page's one dialog: anything with hx-target="#modal-body" opens it.
import { on, one } from "./dom.js";

export function startDialog() {
  const modal = one("#modal");
  const body = one("#modal-body");
  if (!modal || !body) return;
  let opener = null;

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === body && !modal.open) opener = event.detail.elt;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== body) return;
    modal.classList.toggle("wide", Boolean(one("[data-wide]", body)));
    if (!modal.open) modal.showModal();
    focusFirst();
  });

  // What is wrong first, else the first control, else the dialog itself.
  const focusFirst = () => {
    const target =
      one(".error-summary", body) ??
      one("[autofocus]", body) ??
      one(".modal-body :is(input:not([type=hidden]), select, textarea):not(:disabled)", body) ??
      one(".modal-foot .button", body);
    target?.focus();
  };

  on("click", "[data-close]", (button, event) => {
    const dialog = button.closest("dialog");
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
  });
  // A click on the backdrop is a click on the dialog itself. A form in it stays: typing must not be lost.
  modal.addEventListener("mousedown", (event) => {
    if (event.target === modal && !one("form[method=post]", body)) modal.close();
  });
  document.body.addEventListener("dialog:close", () => modal.close());
  modal.addEventListener("close", () => {
    body.replaceChildren();
    if (opener?.isConnected) opener.focus();
    opener = null;
  });
}
