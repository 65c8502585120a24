"""Migrations: complete, reversible, and fit for tables that are full."""

from __future__ import annotations

import io
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connections, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader

from core.tenancy import TenantKey
from core.tenancy.models import BoundNetwork, SameNetwork, TenantPolicy
from network.isolation.catalogue import broken
from network.isolation.fingerprint import definitions, differences, row_hashes
from network.services import superuser_dsn
from tests import databases


def of(name: str, read):
    with psycopg.connect(superuser_dsn(name)) as connection:
        return read(connection.cursor())


@pytest.fixture(scope="module")
def filled(canary_database, django_db_blocker) -> Iterator[str]:
    """A database with rows in every tenant table, that may be migrated to and fro."""
    with django_db_blocker.unblock(), databases.own("filled", source=canary_database[0]) as name:
        yield name


def test_the_models_have_no_change_without_a_migration(filled):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrating_a_filled_database_again_changes_nothing(filled):
    before, rows = of(filled, definitions), of(filled, row_hashes)
    said = io.StringIO()
    call_command("migrate", stdout=said)
    assert "No migrations to apply." in said.getvalue()
    assert differences(before, of(filled, definitions)) == {}
    assert differences(rows, of(filled, row_hashes)) == {}


def newest(app: str) -> tuple[str, str]:
    """The newest migration of an app, and the one before: by what depends on what, which numbers need not follow."""
    graph = MigrationLoader(None).graph
    (last,) = graph.leaf_nodes(app)
    (before,) = [node.key for node in graph.node_map[last].parents if node.key[0] == app]
    return last[1], before[1]


#: What later migrations say of older rows: deltas that wait are folded into balances, and requests that were late
#: before anybody was told of it count as told of.
SAID = {"ledger_balance", "ledger_balancedelta", "vendors_servicerequest"}


@pytest.mark.parametrize("app", ["orgs", "audit"])
def test_the_newest_migration_is_taken_back_and_applied_again_over_rows(filled, app):
    before, rows = of(filled, definitions), of(filled, row_hashes)
    call_command("migrate", app, newest(app)[1], verbosity=0)
    assert differences(before, of(filled, definitions))
    its_own = (
        rows.keys() - of(filled, row_hashes).keys()
    )  # tables that the migration makes go with their rows
    call_command("migrate", verbosity=0)
    assert differences(before, of(filled, definitions)) == {}
    changed = differences(rows, of(filled, row_hashes))
    assert changed.keys() - its_own <= {"django_migrations", "django_migrations_id_seq", *SAID}


def test_imports_whose_file_was_deleted_are_taken_back_as_empty_files(filled):
    with databases.administrator_in(filled) as admin:
        deleted = admin.execute(
            "UPDATE orgs_organizationimport SET content = NULL, file_removed_at = now(), status = 'checked', ended_at = NULL"
            " WHERE id = (SELECT min(id) FROM orgs_organizationimport) RETURNING id"
        ).fetchone()
    call_command("migrate", "orgs", "0024_locales", verbosity=0)
    contents = dict(
        of(
            filled,
            lambda cursor: cursor.execute("SELECT id, content FROM orgs_organizationimport").fetchall(),
        )
    )
    assert [pk for pk, content in contents.items() if content == b""] == [*deleted]
    call_command("migrate", verbosity=0)


@pytest.fixture
def editor(filled):
    """The migrator's schema editor in the filled database; rolled back."""
    connection = connections["migrator"]
    with transaction.atomic(using="migrator"):
        yield connection
        transaction.set_rollback(True, using="migrator")
    connection.close()


def apply(connection, operation: migrations.operations.base.Operation) -> None:
    state = MigrationLoader(connection).project_state()
    after = state.clone()
    operation.state_forwards("orgs", after)
    with connection.schema_editor(atomic=False) as schema:
        operation.database_forwards("orgs", schema, state, after)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


ADDITIONS = {
    "a column with a default": migrations.AddField(
        "affiliation", "note", models.CharField(max_length=10, default="none")
    ),
    "a check": migrations.AddConstraint(
        "affiliation", models.CheckConstraint(condition=models.Q(version__gte=0), name="planted")
    ),
    "a unique key": migrations.AddConstraint(
        "affiliation", models.UniqueConstraint(fields=["network", "participant", "starts_on"], name="planted")
    ),
    "an index": migrations.AddIndex(
        "affiliation", models.Index(fields=["network", "starts_on"], name="planted")
    ),
}


@pytest.mark.parametrize("what", ADDITIONS)
def test_a_filled_tenant_table_takes(editor, what):
    apply(editor, ADDITIONS[what])
    with editor.cursor() as cursor:
        cursor.execute("SELECT count(*) > 0 FROM orgs_affiliation")
        assert cursor.fetchone() == (True,)


def test_a_filled_tenant_table_takes_a_key_with_its_composite_constraint(editor):
    field = TenantKey("orgs.Organization", on_delete=models.PROTECT, null=True, related_name="+")
    apply(editor, migrations.AddField("affiliation", "broker", field))
    apply(editor, migrations.RunSQL("UPDATE orgs_affiliation SET broker_id = participant_id"))
    with editor.schema_editor(atomic=False) as schema:
        model = type("Planted", (), {"_meta": _meta_with(field)})
        schema.execute(SameNetwork(field="broker", name="planted").create_sql(model, schema))
    with editor.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(Exception, match="planted"), transaction.atomic(using="migrator"):
            cursor.execute(
                "UPDATE orgs_affiliation SET broker_id = (SELECT max(id) FROM orgs_organization o WHERE o.network_id <> orgs_affiliation.network_id)"
            )


def _meta_with(field: models.Field):
    from orgs.models import Affiliation

    class Meta:
        db_table = Affiliation._meta.db_table

        @staticmethod
        def get_field(name: str) -> models.Field:
            field.set_attributes_from_name(name)
            field.remote_field.model = Affiliation._meta.get_field("participant").related_model
            return field

    return Meta


def test_the_owner_alone_could_not(editor):
    """Why migrations run as the migrator: the policy binds the owner too, and its checks would see no row."""
    with editor.cursor() as cursor:
        cursor.execute("SET ROLE caretree_owner")
        with (
            pytest.raises(ProgrammingError, match="no network is bound"),
            transaction.atomic(using="migrator"),
        ):
            cursor.execute("UPDATE orgs_affiliation SET contract_number = 'x'")
        cursor.execute("RESET ROLE")
        cursor.execute("UPDATE orgs_affiliation SET contract_number = 'x'")
        assert cursor.rowcount > 0


def our_sql() -> list[migrations.RunSQL]:
    """The hand-written SQL of the migrations in their order, but for the binding that every policy stands on."""
    loader = MigrationLoader(None)
    plan: list[tuple[str, str]] = []
    for leaf in loader.graph.leaf_nodes():
        plan += [node for node in loader.graph.forwards_plan(leaf) if node not in plan]
    ours = [loader.get_migration(*node) for node in plan if node != ("core", "0001_binding")]
    return [step for one in ours for step in one.operations if isinstance(step, migrations.RunSQL)]


def test_the_hand_written_sql_is_taken_back_and_written_again(canary_database):
    steps = our_sql()
    assert len(steps) > 5
    with psycopg.connect(superuser_dsn(canary_database[0])) as connection, connection.cursor() as cursor:
        before = definitions(cursor)
        cursor.execute("SET LOCAL ROLE caretree_migrator")
        for step in reversed(steps):
            cursor.execute(step.reverse_sql)
        cursor.execute("RESET ROLE")
        bare = definitions(cursor)
        assert not [one for one in bare["functions"] if "lookup." in one or "posting." in one]
        cursor.execute("SET LOCAL ROLE caretree_migrator")
        for step in steps:
            cursor.execute(step.sql)
        cursor.execute("RESET ROLE")
        settle(cursor)
        assert differences(before, definitions(cursor)) == {}
        connection.rollback()


def settle(cursor: psycopg.Cursor) -> None:
    """What the end of every migration does: the owner gets what the migrator made."""
    for (function,) in cursor.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE proowner = 'caretree_migrator'::regrole"
    ).fetchall():
        cursor.execute(f"ALTER FUNCTION {function} OWNER TO caretree_owner")


def test_a_new_tenant_table_comes_with_all_its_guards_and_goes_without_a_trace(editor):
    with editor.cursor() as cursor:
        before = definitions(cursor)
        policy = TenantPolicy(
            name="planted_tenancy",
            tenancy={"portal": "SELECT", "portal_rows": "organization_id = (SELECT app.vendor_id())"},
        )
        keys = [SameNetwork(field="organization", name="planted_organization_same_network")]
        made = migrations.CreateModel(
            "Planted",
            [
                ("id", models.BigAutoField(primary_key=True)),
                (
                    "network",
                    models.ForeignKey(
                        "core.Network", models.PROTECT, db_default=BoundNetwork(), db_index=False
                    ),
                ),
                ("organization", TenantKey("orgs.Organization", models.PROTECT, related_name="+")),
            ],
            options={"constraints": [policy, *keys]},
        )
        state = MigrationLoader(editor).project_state()
        after = state.clone()
        made.state_forwards("orgs", after)
        with editor.schema_editor(atomic=False) as schema:
            made.database_forwards("orgs", schema, state, after)
        cursor.execute("ALTER TABLE orgs_planted OWNER TO caretree_owner")
        for rule in (
            "every_table_has_a_side",
            "policies_test_the_network",
            "policies_name_their_roles",
            "foreign_keys_are_composite",
            "unique_keys_start_with_the_network",
            "the_owner_owns_everything",
        ):
            assert broken(cursor, rule) == []
        removal = migrations.RemoveConstraint("planted", "planted_tenancy")
        removed = after.clone()
        removal.state_forwards("orgs", removed)
        with editor.schema_editor(atomic=False) as schema:
            removal.database_forwards("orgs", schema, after, removed)
        assert not [one for one in definitions(cursor)["policies"] if "orgs_planted" in one]
        with editor.schema_editor(atomic=False) as schema:
            made.database_backwards("orgs", schema, removed, state)
        assert differences(before, definitions(cursor)) == {}
