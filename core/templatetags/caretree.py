"""Tags and filters of our templates: icons, money, status words, tables and forms in our look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.html import escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django_tables2.utils import signature
from lucide.templatetags.lucide import lucide

from core import locale
from core.locale import MINUS
from core.money import Money

register = template.Library()

KIND_ICONS = {
    "parent": "building-2",
    "sub": "hospital",
    "partner": "handshake",
    "third_party": "flask-conical",
}

# What a status word means. A word that isn't here is neutral.
TONES: dict[str, str] = {
    **dict.fromkeys(
        [
            "active",
            "live",
            "accepted",
            "completed",
            "paid",
            "settled",
            "open",
            "posted",
            "sent",
            "verified",
            "balanced",
            "signed_in",
            "done",
            "on_sale",
            "published",
            "granted",
        ],
        "ok",
    ),
    **dict.fromkeys(
        [
            "pending",
            "onboarding",
            "on-hold",
            "expiring",
            "invited",
            "waiting",
            "partly_used",
            "received",
            "late_soon",
            "unpaid",
            "due",
            "waived",
            "proposed",
        ],
        "warn",
    ),
    **dict.fromkeys(
        [
            "suspended",
            "rejected",
            "failed",
            "void",
            "voided",
            "refused",
            "overdue",
            "breached",
            "disputed",
            "revoked",
            "unbalanced",
            "bounced",
        ],
        "bad",
    ),
    **dict.fromkeys(
        [
            "recommended",
            "requested",
            "in-progress",
            "scheduled",
            "upcoming",
            "redeemed",
            "issued",
            "approved",
            "paying",
        ],
        "info",
    ),
    **dict.fromkeys(["enforced", "refunded", "reversed", "superseded"], "violet"),
}


FADED = ' class="faded"'


@lru_cache(maxsize=512)
def _icon(name: str, size: int, css: str, label: str) -> str:
    attributes: dict[str, str] = {"class": css} if css else {}
    if label:
        attributes |= {"role": "img", "aria_label": label}
    else:
        attributes["aria_hidden"] = "true"
    return str(lucide(name, size=size, **attributes))


@register.simple_tag
def icon(name: str, size: int = 16, css: str = "", label: str = "") -> SafeString:
    """An inlined Lucide icon; hidden from screen readers unless it has a label."""
    return mark_safe(_icon(str(name), int(size), str(css), str(label)))  # noqa: S308 - the package's own SVG


@register.simple_tag
def kind_icon(kind: str, size: int = 15) -> SafeString:
    """The icon of an organization's kind, in its colour."""
    return icon(
        KIND_ICONS.get(kind, "building-2"), size, f"kind kind-{kind}" if kind in KIND_ICONS else "kind"
    )


@register.simple_tag
def tree_item(node: Mapping[str, Any]) -> SafeString:
    """A node of components/tree.html up to what lies below it: `<li>` stays open.

    Not a template: a tree shows hundreds, and this takes a twentieth of the time. Every text goes through `escape`.
    """
    key, opens = escape(node["id"]), bool(node.get("children") or node.get("has_children"))
    state = f' aria-expanded="{"true" if node.get("expanded") else "false"}"' if opens else ""
    if opens and not node.get("children") and node.get("children_url"):
        state += f' data-children="{escape(node["children_url"])}"'
    if node.get("move_url"):
        state += f' data-move="{escape(node["move_url"])}"'
    if node.get("is_leaf"):
        state += " data-leaf"
    picture = icon(node["icon"], 15, "kind") if node.get("icon") else kind_icon(node.get("kind", ""))
    count = f'<span class="tree-count">{escape(node["count"])}</span>' if node.get("count") else ""
    return mark_safe(  # noqa: S308 - put together from escaped texts
        f'<li role="treeitem" aria-level="{escape(node["level"])}" aria-labelledby="node-{key}"'
        f' aria-selected="{"true" if node.get("selected") else "false"}"{state} tabindex="-1"'
        f"{FADED if node.get('faded') else ''}>"
        f'<div class="tree-row"><span class="tree-twist" aria-hidden="true">'
        f"{icon('chevron-right', 14) if opens else ''}</span>{picture}"
        f'<a class="tree-label" id="node-{key}" href="{escape(node["url"])}">{escape(node["label"])}</a>{count}</div>'
    )


@register.simple_tag
def money(
    value: Any, currency: str = "", *, show_currency: bool = False, besides: str = "", signed: bool = False
) -> SafeString:
    """An amount: `{% money entry.amount %}` or `{% money line.amount_minor line.currency %}`.

    Nothing for None is a dash. `show_currency` puts the code before it; a column says it once in its head,
    and `besides` is that one, so that only another stands before its amount.
    """
    if value is None or value == "":
        return mark_safe('<span class="money zero">\N{EN DASH}</span>')
    amount = _as_money(value, currency)
    digits = str(amount.format()).lstrip("-" + MINUS)
    sign = MINUS if amount.minor < 0 else ("+" if signed and amount.minor > 0 else "")
    css = "money" if amount.minor else "money zero"
    if show_currency or (besides and amount.currency != besides):
        return format_html(
            '<span class="{}"><span class="currency">{}</span>{}{}</span>', css, amount.currency, sign, digits
        )
    return format_html('<span class="{}">{}{}</span>', css, sign, digits)


@register.simple_tag
def figure(value: Any) -> SafeString:
    """What a cell of a report says: an amount, a number, words, or nothing."""
    if isinstance(value, Money):
        return money(value)
    return format_html("{}", locale.number(value) if isinstance(value, int) else value or "")


def _as_money(value: Any, currency: str) -> Money:
    if isinstance(value, Money):
        return value
    return Money(int(value), currency)


@register.simple_tag
def status_pill(status: Any, label: Any = "", tone: str = "") -> SafeString:
    """A status as a word with a colour: `{% status_pill o.status o.get_status_display %}`."""
    word = str(status)
    text = str(label) or word.replace("_", " ").replace("-", " ").capitalize()
    return format_html('<span class="pill {}">{}</span>', tone or TONES.get(word, ""), text)


@register.simple_tag
def when(moment: datetime | date | None, *, time: bool = True) -> SafeString:
    """A date, or a date and time in the current zone, with the exact instant as its title."""
    if moment is None:
        return mark_safe('<span class="muted">\N{EN DASH}</span>')
    if not isinstance(moment, datetime):
        return format_html(
            '<time class="nowrap" datetime="{}">{}</time>', moment.isoformat(), locale.day(moment)
        )
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    text = locale.day_and_time(local) if time else locale.day(local)
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        locale.exact(local),
        text,
    )


@register.filter
def day(value: date) -> str:
    """A day without an element, within a sentence."""
    return locale.day(value)


@register.filter
def long_day(value: date) -> str:
    """A day with its month in full, within a sentence."""
    return locale.long_day(value)


@register.filter
def exact(value: datetime) -> str:
    """An instant to the second, with its zone, within a sentence."""
    return locale.exact(value)


@register.filter
def month(value: date) -> str:
    """The month of a day."""
    return locale.month(value)


@register.filter
def number(value: int | Decimal | str) -> str:
    """A number with the separators of the locale: `{{ table.paginator.count|number }}`."""
    return locale.number(value)


@register.filter
def amount(value: Money) -> str:
    """An amount with its currency, within a sentence."""
    return f"{value}"


@register.filter
def tone(status: Any) -> str:
    """The tone of a status word, to colour something other than a pill."""
    return TONES.get(str(status), "")


@register.filter
def initials(name: Any) -> str:
    """'Maya Okafor' -> 'MO'; an e-mail address gives its first two letters."""
    words = str(name or "").split("@")[0].replace(".", " ").replace("_", " ").split()
    if not words:
        return "?"
    letters = words[0][:2] if len(words) == 1 else words[0][0] + words[-1][0]
    return letters.upper()


# Tables


@dataclass(frozen=True)
class Heading:
    """The head of a column; `direction` is empty when it can't be sorted."""

    label: str
    css: str
    url: str
    direction: str


@dataclass(frozen=True)
class Cell:
    label: str
    css: str
    value: Any
    is_header: bool


@dataclass(frozen=True)
class TableRow:
    css: str
    cells: list[Cell]
    key: Any
    name: Any
    html: str = ""


@register.simple_tag(takes_context=True)
def table_headings(context: Context, table: Any) -> list[Heading]:
    """The heads of a django-tables2 table with the address that sorts by each."""
    request: HttpRequest | None = context.get("request")
    headings = []
    for column in table.columns:
        url = direction = ""
        if column.orderable:
            alias = column.order_by_alias
            direction = (
                ("descending" if alias.is_descending else "ascending") if column.is_ordered else "none"
            )
            url = _query(
                request, {table.prefixed_order_by_field: str(alias.next), table.prefixed_page_field: None}
            )
        headings.append(Heading(_head(table, column), _column_css(column, "th"), url, direction))
    return headings


@register.simple_tag
def table_rows(table: Any) -> list[TableRow]:
    """The rows of a django-tables2 table. `row_header` on the table names the column that names the row.

    A table of thousands of cells writes all but that one itself: `row_html(record)`.
    """
    columns = list(table.columns)
    whole = getattr(table, "row_html", None)
    header = getattr(table, "row_header", "") or (columns[0].name if columns else "")
    plans = [
        (column, _head(table, column), _column_css(column, "td"), column.name == header, _renderer(column))
        for column in columns
        if whole is None or column.name == header
    ]
    rows = []
    for row in table.paginated_rows:
        css = _computed(table.row_attrs.get("class", ""), row.record) if table.row_attrs else ""
        cells = []
        for column, label, column_css, is_header, renderer in plans:
            value = row._get_and_render_with(column, render_func=renderer(row), default=column.default)
            blank = isinstance(value, str) and value == column.default
            cells.append(
                Cell(label, f"{column_css} blank".strip() if blank else column_css, value, is_header)
            )
        name = next((cell.value for cell in cells if cell.is_header), "")
        html = "" if whole is None else whole(row.record)
        rows.append(TableRow(css, cells, getattr(row.record, "pk", None), _plain(name), html))
    return rows


@register.simple_tag(takes_context=True)
def page_url(context: Context, table: Any, number: int) -> str:
    """The address of another page of a table, all else unchanged."""
    return _query(context.get("request"), {table.prefixed_page_field: str(number)})


def _plain(value: Any) -> str:
    """The words of a cell, for a label."""
    return " ".join(strip_tags(str(value).replace("<small>", " ")).split())


def _renderer(column: Any) -> Callable[[Any], Callable[..., Any]]:
    """What a row's `get_cell` does, with the arguments that the column's `render` takes found out once, not per cell."""
    names, rest = signature(column.render)

    def of_row(row: Any) -> Callable[..., Any]:
        def render(bound_column: Any, value: Any = None) -> Any:
            given = row._optional_cell_arguments(bound_column, value)
            content = bound_column.render(**(given if rest else {name: given[name] for name in names}))
            return bound_column.link(content, **given) if bound_column.link else content

        return render

    return of_row


def _head(table: Any, column: Any) -> str:
    """What a column is called; one of amounts says their currency."""
    if getattr(column.column, "names_currency", False):
        return f"{column.header}, {table.request.network.currency}"
    return str(column.header)


def _column_css(column: Any, part: str) -> str:
    attributes: Mapping[str, Any] = column.column.attrs
    css = (attributes.get(part) or attributes.get("td") or attributes.get("cell") or {}).get("class", "")
    return css if isinstance(css, str) else ""


def _computed(value: Any, record: Any) -> str:
    return str(value(record) if callable(value) else value)


def _query(request: HttpRequest | None, changes: Mapping[str, str | None]) -> str:
    if request is None:
        return "?"
    params = request.GET.copy()
    for key, value in changes.items():
        params.pop(key, None)
        if value is not None:
            params[key] = value
    return "?" + params.urlencode()


# Forms


@dataclass(frozen=True)
class FormSection:
    title: str
    help: str
    fields: list[BoundField]
    rows: list[list[BoundField]]


@register.simple_tag
def form_sections(form: BaseForm) -> list[FormSection]:
    """The visible fields of a form under the titles in its `sections`, the rest first and without a title.

    `sections = [("Address", "Printed on receipts.", ["street", "city"])]`; the help may be empty. Names in a tuple
    stand beside one another: `[("service_1", "quantity_1"), ("service_2", "quantity_2")]`.
    """
    declared: Iterable[tuple[str, str, list[str | tuple[str, ...]]]] = getattr(form, "sections", ())
    fields = {field.name: field for field in form.visible_fields()}
    sections = []
    for title, help_text, names in declared:
        single = [fields.pop(name) for name in names if isinstance(name, str) and name in fields]
        rows = [
            [fields.pop(name) for name in row if name in fields] for row in names if isinstance(row, tuple)
        ]
        if single or any(rows):
            sections.append(FormSection(title, help_text, single, [row for row in rows if row]))
    if fields:
        sections.insert(0, FormSection("", "", list(fields.values()), []))
    return sections


WIDE_WIDGETS = {"textarea", "radioselect", "checkboxselectmultiple", "clearablefile", "file", "checkbox"}


@register.filter
def is_wide(field: BoundField) -> bool:
    """Whether a field takes a whole line: by its widget, or by its name in the form's `wide`."""
    return field.widget_type in WIDE_WIDGETS or field.name in getattr(field.form, "wide", ())


@register.filter
def affix(field: BoundField, side: str) -> str:
    """The unit beside a control: a form field may carry `prefix` ("INR") or `suffix` ("%")."""
    return str(getattr(field.field, side, "") or "")


@register.simple_tag
def error_links(form: BaseForm) -> list[tuple[str, str, str]]:
    """What is wrong in a form: (id of the control, its label, message) for each, form-wide errors first."""
    found = [("", "", str(error)) for error in form.non_field_errors()]
    for name in form.fields:
        field = form[name]
        target = "" if field.is_hidden else (field.id_for_label or f"{field.auto_id}_0")
        found += [(target, str(field.label), str(error)) for error in field.errors]
    return found
