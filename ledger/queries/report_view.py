"""What a saved view of the report page shows on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.actors import Actor
from core.errors import Refused
from core.validators import validate_day
from ledger.queries.figures import Ask
from ledger.queries.report import KINDS, USUAL_KIND, USUAL_PERIOD, Kind, closed_through
from ledger.queries.statement import books_for
from ledger.rules.report import RELATIVE, Compare, days_meant, relative_period

if TYPE_CHECKING:
    from orgs.models import Organization


def shown_by(query: str, actor: Actor, place: Organization, on: date) -> tuple[Kind, Ask]:
    """The report at an address of the report page as somebody would see it on a day; of `place` where it names nobody.

    Raises Refused where it names books that they may not read, or days that are none.
    """
    said = {name: str(value) for name, value in QueryDict(query).items() if value}
    books = books_for(actor)
    if code := said.get("organization", ""):
        place = _named(books.filter(code=code).first(), code)
    kind = KINDS.get(said.get("kind", ""), KINDS[USUAL_KIND])
    period = said.get("period", "")
    chosen = relative_period(period if period in RELATIVE else USUAL_PERIOD, on, closed_through(place))
    days = days_meant(chosen, _day(said.get("since")), _day(said.get("until")))
    compare, currency = said.get("compare", ""), said.get("in", "")
    return kind, Ask(
        actor,
        place,
        kind.fitting(said.get("scope", "")),
        days,
        Compare(compare) if kind.consolidates and compare in set(Compare) else Compare.NOTHING,
        currency if kind.translates and books.filter(currency=currency).exists() else "",
    )


def _named(place: Organization | None, code: str) -> Organization:
    if place is None:
        raise Refused("not_permitted", f"“{code}” is no organization whose statements may be read.")
    return place


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
        validate_day(day)
    except (ValueError, ValidationError):
        raise Refused("invalid", f"“{text[:40]}” is no day.") from None
    return day
