// A form that is filled: items whose conditions don't hold are hidden while one types. The server judges the same.
import { all, on, onContent } from "./dom.js";

// A typed number, with the decimal sign of the page's locale; groups are left out.
function number(text, point) {
  const plain = text.replace(/[\s'’]/g, "").replace("\u2212", "-").replaceAll(point === "," ? "." : ",", "").replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
}

function answersTo(form, link) {
  const item = form.querySelector(`[data-item="${link}"]`);
  const fields = item ? all("input, textarea, select", item) : [];
  return fields
    .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
    .map((field) => field.value.trim())
    .filter(Boolean);
}

function met({ question, operator, answer, counted }, form) {
  const given = answersTo(form, question);
  if (operator === "exists") return given.length > 0;
  if (!given.length) return false;
  if (given.length > 1) return given.includes(answer) === (operator === "=");
  const [left, right] = counted ? [number(given[0], form.dataset.point), Number(answer)] : [given[0], answer.trim()];
  if (counted && (Number.isNaN(left) || Number.isNaN(right))) return false;
  if (operator === "=") return left === right;
  if (operator === "!=") return left !== right;
  return operator === ">" ? left > right : left < right;
}

function show(form) {
  const applies = new Set();
  for (const item of all("[data-item]", form)) {
    const { section, conditions, item: link } = item.dataset;
    const { any, when } = conditions ? JSON.parse(conditions) : { any: false, when: [] };
    const holds = (one) => applies.has(one.question) && met(one, form);
    const own = !when.length || (any ? when.some(holds) : when.every(holds));
    const applied = own && (!section || applies.has(section));
    if (applied) applies.add(link);
    item.hidden = !applied;
  }
}

export function startAsked() {
  onContent(() => all("[data-asked]").forEach(show));
  for (const event of ["input", "change"]) on(event, "[data-asked]", show);
}
