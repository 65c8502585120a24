// What htmx needs from us: the CSRF token, and words when a request fails.
import { tell } from "./dom.js";

const WORDS = {
  400: "The server did not understand that. Reload the page and try again.",
  403: "You may not do that.",
  404: "That is not there any more.",
  429: "Too many tries. Wait a minute and try again.",
};

export function startHtmx() {
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = document.body.dataset.csrf;
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    tell(WORDS[status] ?? "Something went wrong on our side. Nothing was saved; try again.", "error");
  });
  document.body.addEventListener("htmx:sendError", () => {
    tell("The server can't be reached. Check the connection and try again.", "error");
  });
  // A session that ended answers with the sign-in page: go there as a page, not as a part of this one.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.responseURL && new URL(xhr.responseURL).pathname.startsWith("/account/")) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });
}
