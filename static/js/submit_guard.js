// A form is sent once: its buttons rest until an answer comes, the page is left, or it comes back from history.
import { all } from "./dom.js";

const buttons = (form) => all("button:not([type=button]), input[type=submit]", form).concat(
  form.id ? all(`button[form="${form.id}"]:not([type=button])`) : [],
);

function hold(form, submitter) {
  form.dataset.sent = "";
  for (const button of buttons(form)) {
    button.setAttribute("aria-disabled", "true");
    if (button === submitter) button.setAttribute("aria-busy", "true");
  }
}

function release(form) {
  delete form.dataset.sent;
  for (const button of buttons(form)) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
  }
}

export function startSubmitGuard() {
  // In the capturing phase, so that a second try reaches nobody, htmx included.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form.method !== "post" || "download" in form.dataset) return; // a download leaves the page as it is
      if ("sent" in form.dataset) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      hold(form, event.submitter);
    },
    true,
  );
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest?.("form");
    // When the answer sends us elsewhere the form stays held until the page is left.
    if (form && !event.detail.xhr?.getResponseHeader("HX-Redirect")) release(form);
  });
  document.addEventListener("htmx:sendError", (event) => {
    const form = event.detail.elt.closest?.("form");
    if (form) release(form);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) all("form[data-sent]").forEach(release);
  });
}
