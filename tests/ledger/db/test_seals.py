"""Seals cover every committed row exactly once, whenever it commits, and name what was altered behind the triggers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from audit.actions.seal import seal_waiting
from audit.models import AuditEvent, Seal, Unsealed
from audit.queries.seal import verify_seals
from audit.trail import record_patient_read
from core.tenancy import bound
from ledger import posting
from ledger.models import LedgerEvent
from network.services import superuser_dsn
from tests.cast import SYSTEM
from tests.ledger.db.shop import Shop
from tests.ledger.db.standing import Standing

TABLES = ("audit_seal", "audit_unsealed", "audit_accessevent", "audit_patientread", "audit_auditevent", "ledger_account",
          "ledger_ledgerevent", "ledger_journalline", "ledger_entitlementmovement", "ledger_breakagemovement",
          "ledger_entitlementchange")  # fmt: skip


def covered(kind: str = "journal") -> list[list[int]]:
    """Which rows each seal covers."""
    return list(Seal.objects.filter(kind=kind).order_by("number").values_list("row_ids", flat=True))


def charge(shop: Shop) -> int:
    return posting.post(
        shop.record("charge", shop.lines(("P", "cash", 100), ("P", "service_revenue", -100)))
    ).event_id


def test_what_commits_late_is_in_the_next_seal(own_shop: Shop):
    """A slow transaction has the smaller id, in a savepoint beside one that was rolled back."""
    network = own_shop.cast.network.pk
    with bound(network):
        charge(own_shop)  # its accounts are there from now on, so that nobody waits for whoever makes them
    seal_waiting(network, "journal")
    with ThreadPoolExecutor(1) as pool:

        def quick() -> int:
            try:
                with bound(network):
                    event_id = charge(own_shop)
                assert seal_waiting(network, "journal") == 1
                return event_id
            finally:
                connection.close()

        with bound(network):
            with transaction.atomic():
                slow = charge(own_shop)
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                charge(own_shop)
                _ = 1 / 0
            fast = pool.submit(quick).result(60)
    assert slow < fast
    assert seal_waiting(network, "journal") == 1
    with bound(network):
        assert covered()[-2:] == [[fast], [slow]]
        assert list(verify_seals("journal")) == []


def test_nothing_twice_and_nothing_lost_while_many_post(own_shop: Shop):
    network = own_shop.cast.network.pk

    def post(number: int) -> None:
        try:
            for step in range(12):
                with bound(network):
                    with transaction.atomic():
                        charge(own_shop)
                    if step % 4 == number % 4:
                        transaction.set_rollback(True)
        finally:
            connection.close()

    def seal(number: int) -> None:
        try:
            for _ in range(15):
                seal_waiting(network, "journal", most_rows=7)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(post, n) for n in range(5)] + [pool.submit(seal, n) for n in range(3)]
        for job in jobs:
            job.result(120)
    seal_waiting(network, "journal")
    with bound(network):
        events = set(LedgerEvent.objects.values_list("pk", flat=True))
        counted = Counter(row for rows in covered() for row in rows)
        assert len(events) >= 5 * 9
        assert counted == dict.fromkeys(events, 1)
        assert not Unsealed.objects.filter(kind="journal").exists()
        assert list(verify_seals("journal")) == []


@pytest.fixture(scope="module")
def sealed(standing: Standing) -> Standing:
    """Postings, a trail and reads under seal: three seals of the journal, and one row of it that waits."""
    network = standing.ids["network"]
    with bound(network):
        record_patient_read(SYSTEM, "list", [1, 2, 3])
    with bound(network), connection.cursor() as cursor:
        cursor.execute("SELECT posting.seal('journal', 3), posting.seal('journal', 2)")
    for kind in ("journal", "audit", "reads"):
        seal_waiting(network, kind)
    with bound(network):
        standing.ids["waits"] = charge(standing.shop)
        standing.ids["read"] = covered("reads")[0][0]
        standing.ids["audited"] = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return standing


@contextmanager
def damaged(ids: dict[str, int], *statements: str) -> Iterator[None]:
    """What an administrator does with all triggers asleep, committed; everything is put back afterwards."""
    with psycopg.connect(superuser_dsn(connections["default"].settings_dict["NAME"])) as session:
        session.execute("SET session_replication_role = replica")
        for table in TABLES:
            session.execute(f"CREATE TEMP TABLE kept_{table} AS TABLE {table}")
        session.execute("SELECT set_config('app.network', %s, false)", [str(ids["network"])])
        for statement in statements:
            session.execute(statement.format(**ids))
        session.commit()
        try:
            yield
        finally:
            for table in TABLES:
                columns = ", ".join(
                    name
                    for (name,) in session.execute(
                        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                        " AND NOT attisdropped AND attgenerated = ''",
                        [table],
                    )
                )
                session.execute(f"DELETE FROM {table}")
                session.execute(
                    f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept_{table}"
                )


SWAP = """
    UPDATE ledger_journalline l SET amount_minor = o.amount_minor FROM ledger_journalline o
     WHERE (l.event_id, l.line_no, o.event_id, o.line_no) IN (({sale}, 1, {charge}, 1), ({charge}, 1, {sale}, 1))
"""
INSERTED = """
    INSERT INTO ledger_ledgerevent (network_id, key, payload_hash, kind, effective_on, posted_at, organization_id, inputs,
                                    line_count, movement_count, actor_kind, actor_label)
    VALUES ({network}, 'forged', '', 'journal', '2026-01-05', now(), {P}, '{{}}', 0, 0, 'system', 'nobody')
"""
#: What is done -> of which kind -> what is said.
ATTACKS = {
    "UPDATE ledger_journalline SET amount_minor = -amount_minor WHERE event_id = {sale}": (
        "journal", "seal 1: row {sale} is not what was sealed"),
    "UPDATE ledger_ledgerevent SET actor_label = 'nobody' WHERE id = {charge}": (
        "journal", "row {charge} is not what was sealed"),
    "UPDATE ledger_ledgerevent SET inputs = '{{\"forged\": 1}}' WHERE id = {charge}": (
        "journal", "row {charge} is not what was sealed"),
    "UPDATE ledger_account SET code = 'equity' WHERE id = {cash}": ("journal", "row {sale} is not what was sealed"),
    "UPDATE ledger_entitlementmovement SET units = units - 1 WHERE event_id = {redeemed}": (
        "journal", "row {redeemed} is not what was sealed"),
    "UPDATE ledger_breakagemovement SET amount_minor = 1": ("journal", "row {breakage} is not what was sealed"),
    "UPDATE ledger_entitlementchange SET frozen_until = '2026-03-01'": (
        "journal", "row {frozen} is not what was sealed"),
    "DELETE FROM ledger_ledgerevent WHERE id = {redeemed}": ("journal", "seal 1: row {redeemed} is gone"),
    "DELETE FROM ledger_ledgerevent WHERE id = {waits}": ("journal", "row {waits} waits for its seal and is gone"),
    "DELETE FROM audit_unsealed WHERE row_id = {waits} AND kind = 'journal'": (
        "journal", "row {waits} is in no seal and waits for none"),
    "INSERT INTO audit_unsealed (network_id, kind, row_id) VALUES ({network}, 'journal', {sale})": (
        "journal", "row {sale} is sealed more than once"),
    "DELETE FROM ledger_journalline WHERE event_id = {charge} AND line_no = 2": (
        "journal", "row {charge} is not what was sealed"),
    INSERTED: ("journal", "is in no seal and waits for none"),
    SWAP: ("journal", "row {charge} is not what was sealed"),
    "DELETE FROM audit_seal WHERE kind = 'journal' AND number = 2": ("journal", "seal 2 is gone"),
    "DELETE FROM audit_seal WHERE kind = 'journal' AND number = 3": ("journal", "is in no seal and waits for none"),
    "UPDATE audit_seal SET made_at = now() WHERE kind = 'journal' AND number = 2": (
        "journal", "seal 2 was changed: its digest is not that of what it covers"),
    "UPDATE audit_seal SET digest = sha256('forged'), row_digests = row_digests WHERE kind = 'journal' AND number = 1": (
        "journal", "seal 2 does not follow seal 1"),
    "UPDATE audit_auditevent SET new = '{{\"forged\": 1}}' WHERE id = {audited}": (
        "audit", "row {audited} is not what was sealed"),
    "UPDATE audit_accessevent SET actor_label = 'nobody' WHERE id = {read}": (
        "reads", "row {read} is not what was sealed"),
    "DELETE FROM audit_patientread WHERE event_id = {read} AND patient_id = 2": (
        "reads", "row {read} is not what was sealed"),
}  # fmt: skip


def found(network: int, kind: str) -> str:
    with bound(network):
        return "\n".join(verify_seals(kind))


@pytest.mark.parametrize("kind", ["journal", "audit", "reads"])
def test_what_the_product_wrote_holds(sealed: Standing, kind: str):
    with bound(sealed.ids["network"]):
        assert covered(kind)
    assert found(sealed.ids["network"], kind) == ""


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_what_was_altered_is_named(sealed: Standing, attack: str):
    kind, says = ATTACKS[attack]
    with damaged(sealed.ids, attack):
        assert says.format(**sealed.ids) in found(sealed.ids["network"], kind)
    assert found(sealed.ids["network"], kind) == ""


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (role, statement)
        for role in ("caretree_web", "caretree_owner")
        for statement in (
            "UPDATE audit_seal SET row_count = 1",
            "DELETE FROM audit_seal",
            "TRUNCATE audit_seal",
            "DELETE FROM audit_unsealed",
            "UPDATE audit_unsealed SET row_id = 1",
            "INSERT INTO audit_unsealed (network_id, kind, row_id) VALUES ({network}, 'journal', 1)",
            "INSERT INTO audit_seal (network_id, kind, number, row_count, previous, digest, row_ids, row_digests, made_at)"
            " VALUES ({network}, 'journal', 99, 1, '', '', '{{1}}', '', now())",
            "DELETE FROM audit_sealsending",
            "UPDATE audit_sealcheck SET finding_count = 0",
        )
    ],
)
def test_nobody_writes_seals_past_their_function(sealed: Standing, role: str, statement: str):
    with (
        sealed.as_role(role) as session,
        pytest.raises((psycopg.Error, DatabaseError), match=r"refused|permission denied"),
    ):
        session.execute(statement.format(**sealed.ids))
