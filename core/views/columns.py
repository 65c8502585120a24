"""Which columns a list shows: its own, or those that the address asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.views.export import is_of_buttons


@dataclass(frozen=True)
class ColumnChoice:
    name: str
    label: str
    is_shown: bool


def choose_columns(table: Any, names: Iterable[str]) -> None:
    """Show the named columns, and put the others away, also from files. Names that aren't columns are as good as none.

    The column that names the row, and that of the buttons, always stay.
    """
    choosable = {column.name: column for column in _choosable(table)}
    chosen = choosable.keys() & set(names)
    if not chosen:
        return
    for name, column in choosable.items():
        column.column.visible = name in chosen
        column.column.is_put_away = name not in chosen
    for column in table.columns.all():
        if getattr(column.column, "export_only", False):
            column.column.is_put_away = True


def column_choices(table: Any) -> list[ColumnChoice]:
    """What can be chosen, in the table's order; nothing where there is only one."""
    choices = [ColumnChoice(one.name, str(one.header), one.visible) for one in _choosable(table)]
    return choices if len(choices) > 1 else []


def _choosable(table: Any) -> list[Any]:
    columns = list(table.columns.all())
    header = getattr(table, "row_header", "") or (columns[0].name if columns else "")
    return [
        column
        for column in columns
        if column.name != header
        and not is_of_buttons(column)
        and not getattr(column.column, "export_only", False)
    ]
