"""The demo's seals: a mail with the first ones went to the auditors, and all were verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.actions.seal import check_seals, seal_waiting
from audit.sealed import SEALED
from core.settings import Mode
from ledger.actions.seal import send_seals
from ledger.rules.settings import SEALS_TO
from network.demo.places import SYSTEM
from orgs.actions.setting import NewValue, assign_setting

if TYPE_CHECKING:
    from orgs.models import Organization


def send_first(root: Organization) -> None:
    """What was recorded so far is sealed and sent to the auditors."""
    new = NewValue("seals@nadkarni-rao.example", Mode.DEFAULT)
    assign_setting(SYSTEM, root, setting=SEALS_TO, new=new)
    for kind in SEALED:
        seal_waiting(root.network_id, kind, most_rows=600)
    send_seals()


def seal_all(root: Organization) -> None:
    """The rest is sealed, and everything verified."""
    for kind in SEALED:
        seal_waiting(root.network_id, kind)
        check_seals(kind)
