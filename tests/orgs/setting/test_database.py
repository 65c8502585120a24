"""What the database itself refuses of settings, whoever writes: raw SQL against every rule."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from core.settings import Mode
from core.tenancy import bound, forget
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.setting_many import apply_to_many
from orgs.models import Organization
from orgs.queries.whatif import Change
from tests.cast import SYSTEM

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
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute((ASSIGNMENT % ("{T}", "'default'", "", "current_date")).format(**places))
        cursor.execute((WAIVER % ("{S}", " + 9", "granted", "now()", "{S}")).format(**places))
        cursor.execute(of_locale(ASSIGNMENT % ("{S}", "'default'", "", "NULL"), '"en-IN"').format(**places))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    forget()
    assert DISCOUNT_CAP.at(Organization.objects.get(pk=places["T"])) == 5
