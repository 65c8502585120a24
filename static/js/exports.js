// The filters may have changed the address since the page came: a file has what is shown now.
import { on } from "./dom.js";

export function startExports() {
  on("click", "[data-export] a", (link) => {
    const query = new URLSearchParams(location.search);
    for (const name of ["page", "selected", "_query"]) query.delete(name);
    query.set("export", new URL(link.href).searchParams.get("export"));
    link.href = `?${query}`;
  });
}
