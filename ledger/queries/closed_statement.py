"""What is kept of a month when it closes: figures, names and how they are written, so that its reports never change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from core import locale
from core.actors import Actor
from core.clock import now
from core.paper import PaperHead
from ledger.models import ClosedStatement, PeriodClose
from ledger.permissions import STATEMENT_VIEW
from ledger.queries.figures import rows_of
from ledger.queries.statement import TURNOVER, day_parameters
from ledger.rules import books
from ledger.rules.books import Column, Figures
from ledger.rules.report import Report, month_end, month_of
from orgs.queries.access import where
from orgs.queries.branding import paper_head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgs.models import Organization

Moved = list[tuple[int, int | None, str, str, int]]  # organization, counterparty, code, currency, minor units

KINDS = {
    "trial-balance": "Trial balance",
    "profit-and-loss": "Profit and loss",
    "balance-sheet": "Balance sheet",
}


def statements_at_close(organizations: Sequence[Organization], month: date) -> list[ClosedStatement]:
    """What is reported of a month in some books, as it is now; not yet stored."""
    if not organizations:
        return []
    last, closed_at = month_end(month), now()
    perimeters = _perimeters([place.pk for place in organizations], last)
    everybody = sorted({pk for inside in perimeters.values() for pk in inside})
    standing, before = _by_book(everybody, last), _by_book(everybody, month - timedelta(days=1))
    found = []
    for place in organizations:
        inside = perimeters[place.pk]
        content = _about(place, month, closed_at) | {
            "alone": _figures([place.pk], standing, before),
            "consolidated": _figures(sorted(inside), standing, before) if len(inside) > 1 else None,
        }
        found.append(
            ClosedStatement(
                organization=place, month=month, closed_at=closed_at, content=content, sha256=digest(content)
            )
        )
    return found


def digest(content: dict[str, Any]) -> str:
    """SHA-256 over what is kept, as canonical JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def closed_statements_for(actor: Actor) -> QuerySet[ClosedStatement]:
    """What was kept of closed months whose statements the actor may read, newest first."""
    rows = ClosedStatement.objects.filter(where(actor, STATEMENT_VIEW, "organization"))
    return rows.select_related("organization").order_by("-closed_at", "pk")


def is_in_force(statement: ClosedStatement) -> bool:
    """Whether the month is closed still, and was not closed anew since."""
    closed = PeriodClose.objects.filter(
        organization=statement.organization_id, closed_through__gte=month_end(statement.month)
    )
    later = ClosedStatement.objects.filter(
        organization=statement.organization_id, month=statement.month, pk__gt=statement.pk
    )
    return closed.exists() and not later.exists()


def closed_report(statement: ClosedStatement, kind: str) -> Report:
    """What a closed month's report says, from what was kept alone; read it inside `as_it_was`."""
    content = statement.content
    name, period = content["organization"]["name"], month_of(statement.month)
    columns = _columns(content, "moved" if kind == "profit-and-loss" else "standing")
    days = f"{locale.day(period.since)} to {locale.day(period.until)}"
    said = days if kind == "profit-and-loss" else f"as of {locale.long_day(period.until)}"
    notes = [f"As closed on {locale.long_day_and_time(datetime.fromisoformat(content['closed_at']))}."]
    if kind == "trial-balance":
        tables, proof = books.trial_balance(columns)
        return Report(KINDS[kind], f"{name}, {said}", tables, notes, proof)
    if kind == "balance-sheet":
        tables, proof = books.balance_sheet(columns)
        return Report(KINDS[kind], f"{name}, {said}", tables, notes, proof)
    return Report(KINDS[kind], f"{name}, {said}", books.profit_and_loss(columns), notes)


def head_of(statement: ClosedStatement) -> PaperHead:
    """Who wrote it, as they were called then."""
    head = statement.content["head"]
    return PaperHead(head["name"], tuple(head["details"]), accent=head["accent"])


@contextmanager
def as_it_was(statement: ClosedStatement) -> Iterator[None]:
    """Write dates and amounts as they were written when the month closed."""
    content = statement.content
    with locale.using(content["locale"]), timezone.override(ZoneInfo(content["time_zone"])):
        yield


def _about(place: Organization, month: date, closed_at: datetime) -> dict[str, Any]:
    head = paper_head(place)
    return {
        "organization": {"code": place.code, "name": place.name},
        "month": month.isoformat(),
        "closed_at": closed_at.isoformat(),
        "locale": locale.current(),
        "time_zone": str(place.time_zone),
        "head": {"name": head.name, "details": list(head.details), "accent": head.accent},
    }


def _columns(content: dict[str, Any], which: str) -> list[Column]:
    alone = Column("Alone", _added(content["alone"][which], 2))
    whole = content["consolidated"]
    if whole is None:
        return [alone]
    total, gone = _added(whole[which], 2), _added(whole[which], 3)
    both = {key: total.get(key, 0) + gone.get(key, 0) for key in total}
    return [alone, Column("Aggregate", total), Column("Eliminations", gone), Column("Consolidated", both)]


def _added(rows: Iterable[list[Any]], at: int) -> Figures:
    return {(row[0], row[1]): row[at] for row in rows}


def _perimeters(organization_ids: Sequence[int], day: date) -> dict[int, set[int]]:
    sql = """
        SELECT top.id, app.perimeter_as_of(top.id, %(day)s)
          FROM unnest(%(books)s::bigint[]) AS top (id)
    """
    found: dict[int, set[int]] = {}
    for top, inside in rows_of(sql, {"books": list(organization_ids), "day": day}):
        found.setdefault(top, {top}).add(inside)
    return found


def _by_book(everybody: Sequence[int], until: date) -> dict[int, Moved]:
    sql = f"""
        WITH inside AS MATERIALIZED (SELECT unnest(%(books)s::bigint[]) AS id),
        {TURNOVER.format(codes="")}
        SELECT organization_id, counterparty_id, code, currency, sum(minor)::bigint
          FROM turnover GROUP BY 1, 2, 3, 4 HAVING sum(moved) <> 0
    """
    found: dict[int, Moved] = {pk: [] for pk in everybody}
    for row in rows_of(sql, {"books": list(everybody)} | day_parameters(until)):
        found[row[0]].append(row)
    return found


def _figures(
    inside: list[int], standing: dict[int, Moved], before: dict[int, Moved]
) -> dict[str, list[list[Any]]]:
    """[code, currency, sum, what eliminates] of what stands at the end of the month, and of what moved in it."""
    now_, then = _sums(inside, standing), _sums(inside, before)
    moved = {
        key: (total - then.get(key, (0, 0))[0], gone - then.get(key, (0, 0))[1])
        for key, (total, gone) in now_.items()
    }
    return {"standing": _listed(now_), "moved": _listed(moved)}


def _sums(inside: list[int], moved: dict[int, Moved]) -> dict[tuple[str, str], tuple[int, int]]:
    found: dict[tuple[str, str], tuple[int, int]] = {}
    members = set(inside)
    for pk in inside:
        for _, other, code, currency, minor in moved[pk]:
            total, gone = found.get((code, currency), (0, 0))
            found[code, currency] = total + minor, gone - (minor if other in members else 0)
    return found


def _listed(figures: dict[tuple[str, str], tuple[int, int]]) -> list[list[Any]]:
    return [[code, currency, *amounts] for (code, currency), amounts in sorted(figures.items())]
