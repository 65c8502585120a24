"""Files of imports go after the days that a setting says; who sent what when, and what it came to, stays."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.clock import at, now
from core.errors import Refused
from core.tenancy import bound
from orgs.actions.import_file import (
    cancel_import,
    compare_again,
    remove_file,
    remove_old_files,
    send_import,
    start_import,
)
from orgs.models import ImportLine, OrganizationImport
from orgs.queries import tree
from orgs.rules.settings import IMPORT_FILE_DAYS
from orgs.tasks import remove_import_files
from tests.cast import SYSTEM
from tests.meeting import meeting
from work.actions.relay import relay_due_events

GOOD = b"code,name,kind,parent_code\nW,Ward,sub,P\n"


def send(world, content: bytes = GOOD) -> OrganizationImport:
    return send_import(
        world.actor("administrator"), world["P"], file_name="o.csv", content=content, per_branch=False
    )


def fresh(imported) -> OrganizationImport:
    return OrganizationImport.objects.get(pk=imported.pk)


def later(days: int):
    return at(now() + timedelta(days=days))


def in_sql(statement: str, *parameters: object) -> str:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return str(refused.value)


@pytest.mark.setting("privacy.import_file_days")
def test_old_files_go_and_the_rest_stays(world, assign):
    one = send(world)
    start_import(world.actor("administrator"), one, shown=one.fingerprint)
    relay_due_events()
    with later(days=89):
        assert remove_old_files() == 0
    with later(days=91):
        assert remove_old_files() == 1
        assert remove_old_files() == 0
    gone = fresh(one)
    assert (gone.content, gone.file_removed_at is not None) == (None, True)
    assert (gone.made_by, gone.new_count, gone.status) == ("Ada Admin", 1, "imported")
    assert gone.sha256 == sha256(GOOD).hexdigest()
    assert not ImportLine.objects.filter(imported=one).exists()
    line = AuditEvent.objects.get(verb="organization_import.file_removed")
    assert line.old == {"file": "o.csv", "sha256": gone.sha256}
    assert line.actor_label == "files of imports are kept for 90 days"

    other = send(world, GOOD + b"V,Ward V,sub,P\n")
    assign("P", IMPORT_FILE_DAYS, 5)
    with later(days=6):
        assert remove_old_files() == 1
    assert fresh(other).content is None


def test_the_days_count_from_its_end(world):
    one = send(world)
    cancel_import(SYSTEM, one)
    OrganizationImport.objects.filter(pk=one.pk).update(ended_at=now() + timedelta(days=60))
    with later(days=100):
        assert remove_old_files() == 0
    with later(days=151):
        assert remove_old_files() == 1


def test_what_is_being_imported_keeps_its_file(world):
    one = send(world)
    start_import(world.actor("administrator"), one, shown=one.fingerprint)
    with later(days=400):
        assert remove_old_files() == 0
    with pytest.raises(Refused, match="Importing"):
        remove_file(SYSTEM, fresh(one))
    relay_due_events()
    assert tree.verify_tree() == []
    assert fresh(one).status == "imported"


def test_without_its_file_it_is_neither_compared_nor_started(world):
    one = send(world)
    remove_file(SYSTEM, one)
    with pytest.raises(Refused, match=r"o\.csv was deleted\. Send the file again\."):
        compare_again(SYSTEM, fresh(one), per_branch=False)
    with pytest.raises(Refused, match="was deleted"):
        start_import(SYSTEM, fresh(one), shown=one.fingerprint)
    with pytest.raises(Refused, match="Dry run"):
        remove_file(SYSTEM, fresh(one))


def read_before(world) -> OrganizationImport:
    """As a page reads it: without the file, which is read when it is needed."""
    return OrganizationImport.objects.select_related("organization").defer("content").get(pk=send(world).pk)


def test_a_file_that_went_after_it_was_read_is_refused(world):
    one = read_before(world)
    remove_file(SYSTEM, one)
    assert one.file_removed_at is None
    for act in (
        lambda: compare_again(SYSTEM, one, per_branch=False),
        lambda: start_import(SYSTEM, one, shown=one.fingerprint),
    ):
        with pytest.raises(Refused, match=r"o\.csv was deleted\. Send the file again\."):
            act()
    assert fresh(one).status == "checked"


@pytest.mark.parametrize("what", ["compare", "start"])
def test_a_file_that_goes_at_the_same_time_is_refused(own_world, what):
    with bound(own_world.network.pk):
        one = read_before(own_world)

    def meanwhile() -> None:
        if what == "start":
            start_import(SYSTEM, one, shown=one.fingerprint)
        else:
            compare_again(SYSTEM, one, per_branch=False)

    _, late = meeting(own_world.network.pk, lambda: remove_file(SYSTEM, one), meanwhile)
    assert isinstance(late, Refused)
    assert "was deleted" in late.message
    with bound(own_world.network.pk):
        assert (fresh(one).status, ImportLine.objects.filter(imported=one).count()) == ("checked", 0)


def test_the_database_lets_a_file_only_go(world):
    one = send(world)
    update = "UPDATE orgs_organizationimport SET "
    assert "file_or_removed" in in_sql(update + "content = NULL WHERE id = %s", one.pk)
    assert "file_or_removed" in in_sql(update + "file_removed_at = now() WHERE id = %s", one.pk)
    remove_file(SYSTEM, one)
    assert "never changes" in in_sql(
        update + "content = 'back', file_removed_at = NULL WHERE id = %s", one.pk
    )
    assert "waits_with_file" in in_sql(update + "status = 'waiting' WHERE id = %s", one.pk)


def test_the_task_goes_through_every_network(cast):
    for network in (cast.network, cast.foreign[0]):
        with bound(network.pk):
            sent = send_import(
                SYSTEM,
                tree.root(),
                file_name="o.csv",
                content=f"code,name,kind,parent_code\nW,Ward,sub,{tree.root().code}\n".encode(),
                per_branch=False,
            )
            assert sent.new_count == 1
    with later(days=91):
        assert remove_import_files() == 2
        assert remove_import_files() == 0


def test_the_page_says_that_the_file_is_gone(cast, browse):
    with bound(cast.network.pk):
        one = send(cast)
    url = reverse("organization-import-page", args=[one.pk])
    client = browse("administrator")
    assert "Compare again" in client.get(url).content.decode()
    with bound(cast.network.pk):
        remove_file(SYSTEM, one)
    page = client.get(url).content.decode()
    assert "The file was deleted" in page and one.sha256 in page
    for button in ("Compare again", "Put aside", "Import</button>"):
        assert button not in page
