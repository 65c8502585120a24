"""The demo's scheduled reports: the month's books for the management, the week's debts for finance, and a saved view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.actions.schedule import Wanted, run_now, schedule_report
from ledger.handlers import send_report
from ledger.queries.schedule import views_to_follow
from network.demo.views import CLOSED_MONTH

if TYPE_CHECKING:
    from core.actors import UserActor
    from orgs.models import Organization

MEERA, ROHAN = "meera@sahyadri.example", "rohan@sahyadri.example"
REPORTS = (
    Wanted("Month-end pack", "profit-and-loss", "consolidated", "last_month", ["pdf", "xlsx"], "month", 3, [MEERA, ROHAN]),
    Wanted("Who owes whom", "due-by-age", "subtree", "yesterday", ["pdf"], "week", 1, [ROHAN]),
    Wanted("Prepaid proof", "prepaid-proof", "subtree", "month_to_date", ["csv"], "day", 0, [ROHAN]),
)  # fmt: skip


def build_reports(finance: UserActor, root: Organization) -> None:
    """Schedule them, and what a saved view shows; the first went out once by hand."""
    first, *_ = [schedule_report(finance, root, wanted=wanted) for wanted in REPORTS]
    view_id = next(pk for pk, name in views_to_follow(finance).items() if name == CLOSED_MONTH)
    followed = Wanted("Closed month", "", "", "", ["pdf"], "month", 10, [MEERA, ROHAN], view_id)
    schedule_report(finance, root, wanted=followed)
    send_report({"run": run_now(finance, first).pk})
