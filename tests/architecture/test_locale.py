"""Nothing writes dates or numbers for people but core.locale, so that none is left in another network's way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, python_files, tree_of, where

#: what operators read at their terminals, files of fixed form, and the one place itself
FREE = re.compile(
    r"core/locale\.py|.*/management/.*|(network|ledger)/bench/.*|network/(demo|isolation|services)/.*|ledger/scenario/.*"
)
#: values that are no text for people -> why
ALLOWED = {
    "core/money.py": ["{whole:,}"],  # str() of an amount is data
    "core/charts.py": ["{value:.1f}"],  # coordinates
    "core/modules.py": ["{self.ask_at}"],  # an organization's name
    "ledger/actions/period.py": ["{month:%Y-%m}"],  # the trail's value
}
OWN_FORMAT = re.compile(r"[,%]|\.[0-9]*[fgeEn]")
CALLS = {"strftime", "date_format", "time_format", "number_format", "intcomma", "floatformat", "localize"}
FILTERS = re.compile(
    r"\|\s*(date|time|intcomma|floatformat|localize|naturaltime|naturalday|timesince|timeuntil)\b"
)
SCRIPTED = re.compile(r"toLocale|\bIntl\.|\.toFixed\(|toDateString|toTimeString")


def own_formats(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where code writes a date or a number by itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last(node.func) in CALLS:
            yield node.lineno, ast.unparse(node)
        if not isinstance(node, ast.JoinedStr):
            continue
        is_sentence = any(isinstance(part, ast.Constant) and " " in str(part.value) for part in node.values)
        for part in node.values:
            if not isinstance(part, ast.FormattedValue):
                continue
            spec = ast.unparse(part.format_spec)[2:-1] if part.format_spec else ""
            value = ast.unparse(part.value)
            if OWN_FORMAT.search(spec):
                yield part.lineno, f"{{{value}:{spec}}}"
            elif is_sentence and (_last(part.value) == "isoformat" or _is_day(part.value)):
                yield part.lineno, f"{{{value}}}"


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_day(node: ast.expr) -> bool:
    """By the house's names: `*_on` and `*_at` are days and instants."""
    return isinstance(node, ast.Attribute | ast.Name) and bool(re.fullmatch(r".*_(on|at|date)", _last(node)))


def test_the_code_writes_none_by_itself():
    found = []
    for path in python_files():
        name = path.relative_to(ROOT).as_posix()
        if FREE.fullmatch(name):
            continue
        for line, text in own_formats(tree_of(path)):
            if text not in ALLOWED.get(name, []):
                found.append(f"{where(path, line)} {text}")
    assert not found, "Write it by core.locale:\n" + "\n".join(found)


def test_what_is_allowed_is_there():
    for name, texts in ALLOWED.items():
        written = [text for _, text in own_formats(tree_of(ROOT / name))]
        assert set(texts) <= set(written), name


def test_nothing_is_written_once_and_for_all_at_import():
    found = [
        where(path, node.lineno)
        for path in python_files()
        for node in _at_import(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "locale"
    ]
    assert not found, f"No network is bound there: {found}"


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _at_import(child)


@pytest.mark.parametrize(
    ("folder", "ending", "pattern"),
    [("templates", "html", FILTERS), ("templates", "txt", FILTERS), ("static/js", "js", SCRIPTED)],
)
def test_templates_and_scripts_write_none_by_themselves(folder: str, ending: str, pattern: re.Pattern[str]):
    files: list[Path] = sorted((ROOT / folder).rglob(f"*.{ending}"))
    assert files
    assert [
        f"{where(path)} {hit.group()}" for path in files for hit in pattern.finditer(path.read_text())
    ] == []


@pytest.mark.parametrize(
    "code",
    [
        'f"{count:,} rows"',
        'f"{share:.0%}"',
        'f"{day:%-d %B %Y}"',
        'f"{size:.1f} MiB"',
        'f"It ends on {row.ends_on}."',
        'f"It ends on {day.isoformat()}."',
        'day.strftime("%d")',
        'date_format(day, "j M Y")',
    ],
)
def test_the_check_bites(code: str):
    assert list(own_formats(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ['f"{code:>8}"', 'f"{number:03d}"', 'f"{locale.day(row.ends_on)} it ends"', 'f"{day.isoformat()}.csv"'],
)
def test_the_check_lets_pass_what_is_right(code: str):
    assert list(own_formats(ast.parse(code))) == []
