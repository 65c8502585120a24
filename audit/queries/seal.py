"""Seals and the rows they cover, verified: every digest is computed anew from the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from audit.models import Seal, SealCheck, SealSending
from audit.rules.seal_file import SentSeal
from audit.sealed import SEALED
from core.tenancy import bound_network_id

DIGEST_BYTES = 32
#: So many rows outside of seals are named.
SHOWN = 20
BATCH = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def networks_with_seals() -> list[int]:
    """Ids of the networks that have seals: asked before one after the other is bound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_seals()")
        return [row[0] for row in cursor.fetchall()]


def seals() -> QuerySet[Seal]:
    """The seals of the bound network without what they cover, newest first, each with who got it and when it was last
    verified."""
    sent = SealSending.objects.filter(kind=OuterRef("kind"), through__gte=OuterRef("number"))
    checks = SealCheck.objects.filter(kind=OuterRef("kind"), through__gte=OuterRef("number"))
    return (
        Seal.objects.defer("row_ids", "row_digests")
        .annotate(
            sent_to=Subquery(sent.order_by("through").values("to")[:1]),
            sent_on=Subquery(sent.order_by("through").values("sent_on")[:1]),
            checked_at=Subquery(checks.order_by("-pk").values("checked_at")[:1]),
            finding_count=Subquery(checks.order_by("-pk").values("finding_count")[:1]),
        )
        .order_by("-made_at", "-pk")
    )


def chain_of(kind: str, *, after: int = 0) -> Iterator[SentSeal]:
    """The seals of a kind after a number, first one first, as somebody outside gets them."""
    rows = Seal.objects.filter(kind=kind, number__gt=after).defer("row_ids", "row_digests").order_by("number")
    for seal in rows.iterator():
        yield SentSeal(
            seal.network_id, seal.kind, seal.number, seal.made_at, seal.row_count, seal.digest_text
        )


def last_number(kind: str) -> int:
    """The number of the last seal of a kind; 0 where there is none."""
    return Seal.objects.filter(kind=kind).order_by("-number").values_list("number", flat=True).first() or 0


def last_sent(kind: str) -> tuple[int, date] | None:
    """Through which number the seals of a kind were sent last, and on which day."""
    rows = SealSending.objects.filter(kind=kind).order_by("-through")
    return rows.values_list("through", "sent_on").first()


def verify_seals(kind: str) -> Iterator[str]:
    """What contradicts the seals of a kind, in words; nothing when all of them hold.

    The chain must be whole, every covered row as it was, and every row of the kind in one seal or waiting for one.
    """
    number, previous = 0, b""
    for seal in Seal.objects.filter(kind=kind).order_by("number").iterator(chunk_size=1):
        if seal.number != number + 1:
            missing = f"{number + 1}" if seal.number == number + 2 else f"{number + 1} to {seal.number - 1}"
            yield f"seal {missing} is gone"
        elif bytes(seal.previous) != previous:
            yield f"seal {seal.number} does not follow seal {number}"
        if _digest_of(seal) != bytes(seal.digest):
            yield f"seal {seal.number} was changed: its digest is not that of what it covers"
        yield from (f"seal {seal.number}: {what}" for what in _changed_rows(seal))
        number, previous = seal.number, bytes(seal.digest)
    yield from _outside_of_seals(kind)


def _digest_of(seal: Seal) -> bytes:
    """The digest as posting.seal computes it."""
    microseconds = (seal.made_at - _EPOCH) // timedelta(microseconds=1)
    head = f"caretree seal 1:{bound_network_id()}:{seal.kind}:{seal.number}:{seal.row_count}:{microseconds}"
    return hashlib.sha256(bytes(seal.previous) + head.encode() + bytes(seal.row_digests)).digest()


def _changed_rows(seal: Seal) -> Iterator[str]:
    """The rows of a seal that are gone or not what they were."""
    with connection.cursor() as cursor:
        cursor.execute(SEALED[seal.kind].digests, [seal.row_ids])
        found = {row_id: bytes(digest) for row_id, digest in cursor.fetchall()}
    digests = bytes(seal.row_digests)
    for position, row_id in enumerate(seal.row_ids):
        kept = digests[position * DIGEST_BYTES : (position + 1) * DIGEST_BYTES]
        if row_id not in found:
            yield f"row {row_id} is gone"
        elif found[row_id] != kept:
            yield f"row {row_id} is not what was sealed"


def _outside_of_seals(kind: str) -> Iterator[str]:
    """Rows in no seal that don't wait for one, rows that wait and aren't there, and rows in more than one place."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH covered AS (
                SELECT row_id, count(*) AS times, min(number) AS seal FROM (
                    SELECT unnest(row_ids) AS row_id, number FROM audit_seal WHERE kind = %s
                    UNION ALL SELECT row_id, NULL FROM audit_unsealed WHERE kind = %s) place
                 GROUP BY row_id)
            SELECT CASE WHEN covered.row_id IS NULL THEN format('row %%s is in no seal and waits for none', found.id)
                        WHEN found.id IS NULL THEN format('row %%s waits for its seal and is gone', covered.row_id)
                        ELSE format('row %%s is sealed more than once', covered.row_id) END
              FROM covered FULL JOIN {SEALED[kind].table} found ON found.id = covered.row_id
             WHERE covered.row_id IS NULL OR found.id IS NULL AND covered.seal IS NULL OR covered.times > 1
             ORDER BY coalesce(found.id, covered.row_id) LIMIT {SHOWN}
            """,
            [kind, kind],
        )
        yield from (what for (what,) in cursor.fetchall())


def contradictions_of_sent(kind: str, sent: Iterable[SentSeal]) -> Iterator[str]:
    """What seals that somebody outside got say against the bound network's chain of a kind."""
    mine = (one for one in sent if one.kind == kind and one.network_id == bound_network_id())
    while some := list(islice(mine, BATCH)):
        rows = Seal.objects.filter(kind=kind, number__in=[one.number for one in some])
        kept = {number: bytes(digest).hex() for number, digest in rows.values_list("number", "digest")}
        for one in some:
            if one.number not in kept:
                yield f"seal {one.number} was sent with the digest {one.sha256} and is gone"
            elif kept[one.number] != one.sha256:
                yield f"seal {one.number} was sent with the digest {one.sha256} and has {kept[one.number]} now"
