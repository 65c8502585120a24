"""The table of how far books are closed."""

from __future__ import annotations

import django_tables2 as tables

from core.tables import TemplateColumn


class BooksTable(tables.Table):
    """One organization's books a row."""

    name = tables.Column(verbose_name="Organization", orderable=False)
    closed_through = TemplateColumn(
        "{% load caretree %}{% if record.closed_through %}{% when record.closed_through %}{% else %}Open{% endif %}",
        verbose_name="Closed through",
        orderable=False,
    )

    caption = "Books"
    noun = "books"
    css = "dense"
