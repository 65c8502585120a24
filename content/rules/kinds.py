"""What a body is judged by: a program's differs from a form's."""

from __future__ import annotations

from typing import Any

from content.rules import body as form
from content.rules import program
from content.rules.body import Problem

PROGRAM = "program"


def types_of(kind: str) -> dict[str, str]:
    """The types of items that content of a kind is made of, with their labels."""
    return program.TYPES if kind == PROGRAM else form.TYPES


def problems_of(kind: str, body: Any) -> list[Problem]:
    return program.problems_of(body) if kind == PROGRAM else form.problems_of(body)


def publishing_problems(kind: str, body: Any) -> list[Problem]:
    return program.publishing_problems(body) if kind == PROGRAM else form.publishing_problems(body)
