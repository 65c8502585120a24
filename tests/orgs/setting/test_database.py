"""What the database itself refuses of settings, whoever writes: raw SQL against every rule."""

from __future__ import annotations

import contextlib

import pytest
from django.db import DatabaseError, connection, connections, transaction

from core.errors import Refused
from core.modules import module_of
from core.settings import Mode
from core.tenancy import bound, forget
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.module import Switching, switch_modules
from orgs.actions.setting_many import apply_to_many
from orgs.models import Organization
from orgs.queries.setting import SETTINGS_LOCK, lock_settings
from orgs.queries.tree import TREE_LOCK
from orgs.queries.whatif import Change
from tests.cast import SYSTEM
from tests.meeting import meeting

ASSIGNMENT = (
    "INSERT INTO orgs_settingassignment (network_id, organization_id, key, value, mode, reason, starts_on, ends_on,"
    " set_by, set_at, version) VALUES ({network}, %s, 'billing.discount_cap', '5', %s, '', current_date%s, %s,"
    " 'somebody', now(), 1)"
)
WAIVER = (
    "INSERT INTO orgs_settingwaiver (network_id, organization_id, key, value, reason, starts_on, ends_on, status,"
    " requested_by, requested_at, decided_by, decided_at, granter_id, note, version) VALUES ({network}, %s,"
    " 'billing.discount_cap', '5', 'So.', current_date, current_date%s, '%s', 'somebody', now(), '', %s, %s, '', 1)"
)


def of_locale(statement: str, value: str) -> str:
    return statement.replace("'billing.discount_cap', '5'", f"'branding.locale', '{value}'")


#: what says no -> what is tried
REFUSED = {
    "settingassignment_once_a_day": ASSIGNMENT % ("{S}", "'default'", "", "NULL"),
    "settingassignment_period": ASSIGNMENT % ("{T}", "'default'", "", "current_date - 1"),
    "settingassignment_mode_known": ASSIGNMENT % ("{T}", "'always'", "", "NULL"),
    "settingassignment.*organization": ASSIGNMENT % ("{foreign}", "'default'", "", "NULL"),
    "settingwaiver_period": WAIVER % ("{S}", " - 1", "requested", "NULL", "NULL"),
    "settingwaiver_status_known": WAIVER % ("{S}", " + 9", "perhaps", "now()", "NULL"),
    "settingwaiver_decided": WAIVER % ("{S}", " + 9", "granted", "NULL", "{S}"),
    "settingwaiver_granted_somewhere": WAIVER % ("{S}", " + 9", "granted", "now()", "NULL"),
    "settingwaiver_granter": WAIVER % ("{S}", " + 9", "granted", "now()", "{foreign}"),
    "settingwaiver.*organization": WAIVER % ("{foreign}", " + 9", "requested", "NULL", "NULL"),
    "settingsversion_once": "INSERT INTO orgs_settingsversion (network_id, version)"
    " VALUES ({network}, gen_random_uuid())",
    "row-level security.*settingbatch": "INSERT INTO orgs_settingbatch (network_id, key, what, inherits, before,"
    " made_by, made_at, undone_by) VALUES ({other}, 'k', 'w', false, '[]', 'me', now(), '')",
    "permission denied for table orgs_settingbatch": "DELETE FROM orgs_settingbatch",
    "permission denied for table orgs_settingwaiver": "DELETE FROM orgs_settingwaiver",
    "permission denied for table orgs_settingsversion": "DELETE FROM orgs_settingsversion",
}


@pytest.fixture
def foreign(cast) -> int:
    """An organization of another network."""
    with bound(cast.foreign[0].pk):
        return Organization.objects.get(parent=None).pk


@pytest.fixture
def places(foreign, cast, world) -> dict[str, int]:
    """The words of the statements; a value is assigned at S already."""
    other = cast.foreign[0].pk
    apply_to_many(SYSTEM, Change(DISCOUNT_CAP, 10, Mode.DEFAULT), organizations=[world["S"]])
    return {
        "network": cast.network.pk,
        "other": other,
        "foreign": foreign,
        "S": world["S"].pk,
        "T": world["T"].pk,
    }


@pytest.mark.parametrize(("says", "sql"), REFUSED.items(), ids=REFUSED)
def test_the_database_refuses(places, says, sql):
    with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(**places))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


WRITES = {
    "a value is assigned": (ASSIGNMENT % ("{T}", "'default'", "", "NULL")),
    "a value is changed": "UPDATE orgs_settingassignment SET value = '7'",
    "a value is taken away": "DELETE FROM orgs_settingassignment",
    "a waiver is asked for": (WAIVER % ("{T}", " + 9", "requested", "NULL", "NULL")),
    "a waiver is granted": "UPDATE orgs_settingwaiver SET status = 'granted', decided_at = now(),"
    " granter_id = organization_id",
    "a module is switched": "INSERT INTO orgs_moduleassignment (network_id, organization_id, module, active, reason,"
    " set_by, set_at, version) VALUES ({network}, {S}, 'dental', false, 'So.', 'somebody', now(), 1)",
    "a module is switched again": "UPDATE orgs_moduleassignment SET active = true",
    "a switch is taken away": "DELETE FROM orgs_moduleassignment",
}


def write(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def filled(own_world) -> dict[str, int]:
    """A row of each kind, committed, so that nobody holds a lock; the words of the statements."""
    words = {"network": own_world.network.pk}
    with bound(own_world.network.pk):
        words |= {code: own_world[code].pk for code in "PST"}
        apply_to_many(SYSTEM, Change(DISCOUNT_CAP, 10, Mode.DEFAULT), organizations=[own_world["S"]])
        write((WAIVER % ("{S}", " + 9", "requested", "NULL", "NULL")).format(**words))
        switching = Switching((module_of("telehealth"),), False, "The board decided so.")
        switch_modules(SYSTEM, switching, organizations=[own_world["S"]])
    return words


@pytest.mark.parametrize("what", WRITES)
def test_who_does_not_hold_the_lock_changes_nothing(filled, what):
    statement = WRITES[what].format(**filled)
    other = TREE_LOCK, filled["network"]
    for taken in ((), other, (SETTINGS_LOCK, filled["network"] + 1)):
        with pytest.raises(DatabaseError, match="without the lock of its settings"), bound(filled["network"]):
            if taken:
                write("SELECT pg_advisory_xact_lock({}, {})".format(*taken))
            write(statement)
    with pytest.raises(DatabaseError, match="without the lock"), bound(filled["network"]):
        write("SELECT pg_advisory_xact_lock_shared({}, {})".format(SETTINGS_LOCK, filled["network"]))
        write(statement)
    with bound(filled["network"]):
        lock_settings()
        write(statement)


def test_a_lock_that_was_given_back_is_no_lock(filled):
    with bound(filled["network"]):
        with contextlib.suppress(Refused), transaction.atomic():
            lock_settings()
            raise Refused("invalid", "So it is rolled back, and the lock with it.")
        with pytest.raises(DatabaseError, match="without the lock"), transaction.atomic():
            write(WRITES["a value is changed"])


def test_the_lock_of_somebody_else_is_none(filled):
    def changes_it():
        with pytest.raises(DatabaseError, match="without the lock"), transaction.atomic():
            write(WRITES["a value is changed"])
        return "refused"

    assert meeting(filled["network"], lock_settings, changes_it) == (None, "refused")


def test_whom_no_policy_binds_needs_no_lock(filled):
    """A migration, a copy, a restore."""
    with transaction.atomic(using="migrator"), connections["migrator"].cursor() as cursor:
        cursor.execute(WRITES["a value is changed"])
        assert cursor.rowcount > 0
    connections["migrator"].close()


@pytest.mark.parametrize(
    "value",
    ['"de-DE"', '"en-gb"', '"en-GB "', '""', '"plain"', "null", "5", "[]", '["en-GB"]', '{{"en-GB": 1}}'],
)
def test_it_refuses_a_locale_that_nothing_writes(places, value):
    for statement in (
        ASSIGNMENT % ("{T}", "'default'", "", "NULL"),
        WAIVER % ("{S}", " + 9", "requested", "NULL", "NULL"),
    ):
        with (
            pytest.raises(DatabaseError, match="locale_known"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(of_locale(statement, value).format(**places))


def test_it_refuses_to_make_another_value_one_of_a_locale(places):
    for statement in (
        "UPDATE orgs_settingassignment SET key = 'branding.locale'",
        "UPDATE orgs_settingassignment SET key = 'branding.locale', value = '\"xx\"'",
    ):
        with (
            pytest.raises(DatabaseError, match="locale_known"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_sound_one_is_taken(places):
    lock_settings()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute((ASSIGNMENT % ("{T}", "'default'", "", "current_date")).format(**places))
        cursor.execute((WAIVER % ("{S}", " + 9", "granted", "now()", "{S}")).format(**places))
        cursor.execute(of_locale(ASSIGNMENT % ("{S}", "'default'", "", "NULL"), '"en-IN"').format(**places))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    forget()
    assert DISCOUNT_CAP.at(Organization.objects.get(pk=places["T"])) == 5
