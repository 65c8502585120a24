"""Columns of our tables."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import django_tables2 as tables
from django.template import Context, Template
from django.template.loader import get_template
from django.utils.safestring import SafeString

from core.templatetags.caretree import money, when


@lru_cache(maxsize=256)
def _compiled(code: str) -> Template:
    return Template(code)


def _named(name: str) -> Template:
    found: Any = get_template(name)  # the engine keeps it; its wrapper would run the context processors
    template: Template = found.template
    return template


class MoneyColumn(tables.Column):
    """Amounts in the network's currency, which its head names once; any other stands before its amount."""

    names_currency = True
    is_plain = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"attrs": {"cell": {"class": "num"}}, "default": "–"} | options)

    def render(self, value: Any, table: Any) -> SafeString:
        return money(value, besides=table.request.network.currency)


class WhenColumn(tables.Column):
    """Days and instants, which a file gets as what they are; a dash where there is none."""

    is_plain = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default": "–"} | options)

    def render(self, value: Any) -> SafeString:
        return when(value)


class PageColumn(tables.Column):
    """What only the page has, because files have it in another way."""

    page_only = True


class FileColumn(tables.Column):
    """What a file has besides the page: never shown, and not to be chosen."""

    export_only = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"visible": False, "orderable": False} | options)


class ExtraColumn(tables.Column):
    """A column that the page shows to those who choose it; files have it always."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"visible": False, "orderable": False, "default": "–"} | options)


class ExtraWhenColumn(WhenColumn):
    """Days or instants that the page shows to those who choose them; files have them always."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"visible": False, "orderable": False} | options)


class TemplateColumn(tables.TemplateColumn):
    """Cells from a template, compiled once and rendered in the page's context.

    The package's own compiles the code again for every cell, and runs the context processors for every cell of a
    template with a name. `file` is the accessor of what a file gets instead of the words of the cell.
    """

    def __init__(self, template_code: str = "", *, file: str = "", **options: Any) -> None:
        super().__init__(template_code=template_code or None, **options)
        self.file = file

    def render(self, record: Any, table: Any, value: Any, bound_column: Any, **rest: Any) -> SafeString:
        context: Context = getattr(table, "context", None) or Context()
        cell = {"record": record, "value": value, "column": bound_column, "default": bound_column.default}
        template = _compiled(self.template_code) if self.template_code else _named(self.template_name)
        with context.update(cell):
            return template.render(context)
