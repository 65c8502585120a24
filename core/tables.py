"""Columns of our tables."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import django_tables2 as tables
from django.template import Context, Template
from django.template.loader import get_template
from django.utils.safestring import SafeString

from core.templatetags.caretree import money


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

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"attrs": {"cell": {"class": "num"}}, "default": "–"} | options)

    def render(self, value: Any, table: Any) -> SafeString:
        return money(value, besides=table.request.network.currency)


class TemplateColumn(tables.TemplateColumn):
    """Cells from a template, compiled once and rendered in the page's context.

    The package's own compiles the code again for every cell, and runs the context processors for every cell of a
    template with a name.
    """

    def render(self, record: Any, table: Any, value: Any, bound_column: Any, **rest: Any) -> SafeString:
        context: Context = getattr(table, "context", None) or Context()
        cell = {"record": record, "value": value, "column": bound_column, "default": bound_column.default}
        template = _compiled(self.template_code) if self.template_code else _named(self.template_name)
        with context.update(cell):
            return template.render(context)
