"""Sending seals to somebody outside, who keeps what nobody here can rewrite."""

from __future__ import annotations

from itertools import chain

from django.db import IntegrityError, transaction

from audit.actions.seal import note_sending
from audit.queries.seal import chain_of, last_number, last_sent
from audit.rules.seal_file import SentSeal, written
from audit.sealed import SEALED
from core import locale
from core.clock import today_in
from ledger.rules.settings import SEALS_TO
from orgs.actions.mail import queue_signed_mail
from orgs.queries.tree import root
from work.actions.mail import Attachment

#: Every seal vouches for all before it, so that of a long gap the last ones are enough.
MOST_SENT = 10_000


def send_seals() -> bool:
    """Mail the bound network's seals since the last mail, once a day, to the address that its policy names; False when
    there is nothing to send, or nobody to send it to."""
    to, top = SEALS_TO.at_network(), root()
    today = today_in(top.time_zone)
    sent = {kind: last_sent(kind) for kind in SEALED}
    new = {kind: number for kind in SEALED if (number := last_number(kind)) > (sent[kind] or (0,))[0]}
    if not to or not new or any(one and one[1] >= today for one in sent.values()):
        return False
    seals = {
        kind: list(chain_of(kind, after=max((sent[kind] or (0,))[0], number - MOST_SENT)))
        for kind, number in new.items()
    }
    try:
        with transaction.atomic():
            for kind, number in new.items():
                note_sending(kind, number, to, today)
    except IntegrityError:  # somebody else did it at the same moment
        return False
    text = "".join(written(chain.from_iterable(seals.values())))
    queue_signed_mail(
        top,
        to,
        f"{top.name}: seals of {locale.long_day(today)}",
        _letter(top.name, [rows[-1] for rows in seals.values()]),
        [Attachment(f"seals-{top.code}-{today}.csv", "text/csv; charset=utf-8", text.encode())],
    )
    return True


def _letter(name: str, last: list[SentSeal]) -> str:
    said = "\n".join(
        f"{SEALED[one.kind].label}, seal {one.number} of {locale.long_day(one.made_at.date())}: {one.sha256}"
        for one in last
    )
    return (
        f"Hello,\n\nthese are the last seals over the books and the audit trail of {name}. Each vouches for every row "
        f"before it.\n\n{said}\n\nKeep this mail where nobody at {name} can change it. Whoever runs the installation "
        "compares the attached file with the database by verify_ledger --seals and verify_audit --seals; a digest that "
        "differs says that history was rewritten.\n"
    )
