"""The seals over journal and audit trail."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from audit.queries.seal import seals
from core.views.list import ListPage
from ledger.permissions import JOURNAL_VIEW
from ledger.rules.settings import SEALS_TO
from ledger.tables.seal import SealFilter, SealTable
from orgs.queries.tree import root


class SealList(ListPage):
    """Every seal of the network, for whoever reads the journal of its parent."""

    permission = JOURNAL_VIEW
    module = "finance"
    nav = "journal"
    title = "Seals"
    table_class = SealTable
    filter_class = SealFilter

    def permission_target(self) -> Any:
        return root()

    def get_rows(self) -> QuerySet[Any]:
        return seals()

    def get_context(self) -> dict[str, Any]:
        to = SEALS_TO.at_network()
        outside = (
            f"Each day’s are mailed to {to}." if to else "A policy names who gets them by mail: nobody does."
        )
        return {
            "crumbs": [{"label": "Journal", "url": reverse("journal")}],
            "description": "Digests over every row that was committed, chained within a minute. A change made past the "
            f"product shows when they are verified, if seals are kept outside as well. {outside}",
        }
