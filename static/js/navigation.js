// The sidebar as a drawer on phones: focus goes in, Esc and the shade close it, focus comes back.
import { all, on, one } from "./dom.js";

export function startNavigation() {
  const side = one("#side");
  const shade = one("[data-nav-shade]");
  const button = one("[data-nav-button]");
  if (!side || !button) return;

  // A long menu shows where one is. Not by scrollIntoView: the first Tab would then start from there.
  const here = one('[aria-current="page"]', side);
  const menu = here?.closest("nav");
  const below = menu ? here.getBoundingClientRect().bottom - menu.getBoundingClientRect().bottom : 0;
  if (below > 0) menu.scrollTop += below + 8;

  const set = (open) => {
    side.classList.toggle("open", open);
    if (shade) shade.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    for (const part of all(".column, .skip")) part.inert = open;
    (open ? one("a, button, summary", side) : button).focus();
  };
  const isOpen = () => side.classList.contains("open");

  on("click", "[data-nav-button]", (_, event) => {
    event.preventDefault();
    set(!isOpen());
  });
  on("click", "[data-nav-shade]", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) set(false);
  });
  matchMedia("(min-width: 821px)").addEventListener("change", (query) => {
    if (query.matches && isOpen()) set(false);
  });
}
