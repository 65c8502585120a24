"""How a version looks to who uses it: a form as it is filled, a program as a line of days."""

from __future__ import annotations

from typing import Any

from content.forms.answers import AnswerForm
from content.models import ContentItem
from content.queries.references import codes_in, forms_at, services_named
from content.rules.body import Body, items_of
from content.rules.kinds import PROGRAM, types_of
from content.rules.program import UNITS, Due, Phase, timeline

ICONS = {
    "group": "heading",
    "string": "text-cursor-input",
    "text": "text-align-start",
    "decimal": "hash",
    "choice": "circle-dot",
    "multichoice": "square-check",
    "scale": "gauge",
    "date": "calendar",
    "attachment": "paperclip",
    "score": "sigma",
    "phase": "milestone",
    "goal": "target",
    "form": "clipboard-list",
    "service": "stethoscope",
    "appointment": "calendar-clock",
    "note": "sticky-note",
}


def preview_of(item: ContentItem, body: Body, data: Any) -> dict[str, Any]:
    """What the template `content/preview_frame.html` shows."""
    if item.kind != PROGRAM:
        return {"preview": AnswerForm(body, data or None, complete=False)}
    refers = {
        "form": {code: one.name for code, one in forms_at(item.organization_id).items()},
        "service": services_named(codes_in(body, "service", "service")),
    }
    phases = timeline(body)
    return {
        "program": [_phase(one, refers) for one in phases],
        "program_days": phases[-1].last if phases else 0,
        "program_goals": sum(one["type"] == "goal" for one in items_of(body)),
        "program_due": sum(due.times for phase in phases for due in phase.due),
    }


def _phase(phase: Phase, refers: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "item": phase.item,
        "when": f"{_span('Day', phase.first, phase.last)} · {_span('week', _week(phase.first), _week(phase.last))}",
        "goals": phase.goals,
        "due": [_due(one, refers) for one in phase.due],
    }


def _due(due: Due, refers: dict[str, dict[str, str]]) -> dict[str, Any]:
    item = due.item
    code = item.get("content") or item.get("service") or ""
    return {
        "item": item,
        "icon": ICONS[item["type"]],
        "what": types_of(PROGRAM)[item["type"]],
        "name": refers.get(item["type"], {}).get(code, item.get("with", "")),
        "missing": code if code and code not in refers[item["type"]] else "",
        "day": f"Day {due.day}",
        "week": f"week {_week(due.day)}",
        "again": f"every {_days(item['every'])}, {due.times} times" if due.times > 1 else "",
    }


def _week(day: int) -> int:
    return (day - 1) // UNITS["weeks"] + 1


def _span(word: str, first: int, last: int) -> str:
    return f"{word} {first}" if first == last else f"{word}s {first} to {last}"


def _days(number: int) -> str:
    return "day" if number == 1 else f"{number} days"
