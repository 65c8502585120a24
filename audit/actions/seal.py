"""Sealing what was committed, and verifying it. The worker and commands call it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db import connection

from audit.models import SealCheck, SealSending
from audit.queries.seal import contradictions_of_sent, last_number, verify_seals
from audit.rules.seal_file import SentSeal
from core.tenancy import bound

#: So many rows in one seal: what one takes, and is verified with, in memory.
MOST_ROWS = 10_000
#: So many findings are told of one verification.
SHOWN = 20


@dataclass(frozen=True)
class Checked:
    """What verifying the seals of one kind came to: through which number, how many findings, and the first of them."""

    kind: str
    through: int
    count: int
    findings: list[str]


def seal_waiting(network_id: int, kind: str, most_rows: int = MOST_ROWS) -> int:
    """Seal everything of a kind that is committed in a network, a transaction for each seal; returns how many rows.

    Nothing waits for it, and it waits for nobody: what commits later, with whichever id, is in a later seal.
    """
    sealed = 0
    while True:
        with bound(network_id), connection.cursor() as cursor:
            cursor.execute("SELECT posting.seal(%s, %s)", [kind, most_rows])
            rows = int(cursor.fetchone()[0])
        sealed += rows
        if rows < most_rows:
            return sealed


def check_seals(kind: str, sent: Iterable[SentSeal] = ()) -> Checked:
    """Verify the seals of a kind in the bound network, the rows under them, and what was sent elsewhere; keeps that
    it was done."""
    through, count = last_number(kind), 0
    shown: list[str] = []
    for what in chain(verify_seals(kind), contradictions_of_sent(kind, sent)):
        count += 1
        if len(shown) < SHOWN:
            shown.append(what)
    SealCheck.objects.create(kind=kind, through=through, finding_count=count)
    return Checked(kind, through, count, shown)


def note_sending(kind: str, through: int, to: str, on: date) -> None:
    """Keep that the chain of a kind was sent through a number; IntegrityError when that was done already on that day."""
    SealSending.objects.create(kind=kind, through=through, to=to, sent_on=on)
