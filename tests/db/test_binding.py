"""Binding a network: once, for one transaction, restored afterwards, and never another one inside."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Thread

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.urls import reverse

from core.tenancy import bound, bound_network_id
from core.tenancy.binding import BindingError, is_bound, portal_role
from core.views.download import csv_response
from orgs.models import Organization
from orgs.queries import tree
from tests import databases
from tests.cast import CANARY, Cast


@pytest.fixture(scope="module")
def committed(standing_cast, django_db_blocker) -> Iterator[str]:
    """A database where these tests commit; they leave nothing that the next one would see."""
    name, _ = standing_cast
    with django_db_blocker.unblock(), databases.clone("binding", source=name) as copied:
        yield copied


@pytest.fixture
def alone(committed, standing_cast, django_db_blocker) -> Iterator[Cast]:
    """The cast, committed, outside every transaction."""
    _, cast = standing_cast
    with django_db_blocker.unblock(), databases.used(committed):
        yield copy.deepcopy(cast)


def database_says() -> str:
    """What the database has bound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(current_setting('app.network', true), '')")
        return cursor.fetchone()[0]


def names() -> set[str]:
    return set(Organization.objects.values_list("name", flat=True))


def test_unbound_there_is_an_error_and_no_empty_page(cast):
    with pytest.raises(BindingError, match="No network is bound"):
        bound_network_id()
    with pytest.raises(ProgrammingError, match="no network is bound"), transaction.atomic():
        list(Organization.objects.all())


def test_bound_the_process_and_the_database_agree(cast):
    with bound(cast.network.pk):
        assert bound_network_id() == cast.network.pk
        assert database_says() == str(cast.network.pk)
        assert "Harbor Health" in names()
    assert not is_bound()
    assert database_says() == ""


def test_another_network_is_refused_inside_and_nothing_changes(cast):
    with bound(cast.network.pk):
        with pytest.raises(BindingError, match="can't be bound inside"), bound(cast.foreign[0].pk):
            pytest.fail("it was bound")
        assert database_says() == str(cast.network.pk)
        assert "Harbor Health" in names()


def test_the_same_network_nests_as_a_savepoint(cast):
    with bound(cast.network.pk):
        with pytest.raises(LookupError), bound(cast.network.pk):
            Organization.objects.update(name="undone")
            raise LookupError
        with bound(cast.network.pk):
            Organization.objects.filter(code="S").update(name="kept")
        assert database_says() == str(cast.network.pk)
        assert "undone" not in names()
        assert "kept" in names()


def test_a_savepoint_that_is_rolled_back_or_released_keeps_the_binding(cast):
    with bound(cast.network.pk):
        with pytest.raises(IntegrityError), transaction.atomic():
            Organization.objects.filter(code="S").update(code="T")
        assert database_says() == str(cast.network.pk)
        with transaction.atomic():
            assert "Harbor Health" in names()
        assert database_says() == str(cast.network.pk)


def test_one_after_the_other(cast):
    for network, name in (
        (cast.network, "Harbor Health"),
        (cast.foreign[0], f"{CANARY}C1 network"),
        (cast.network, "Harbor Health"),
    ):
        with bound(network.pk):
            assert name in names()
            assert len({row.network_id for row in Organization.objects.all()}) == 1


def test_an_error_ends_the_binding_and_keeps_its_own_message(cast):
    with pytest.raises(IntegrityError, match="organization_code_unique"), bound(cast.network.pk):
        Organization.objects.filter(code="S").update(code="T")
    assert not is_bound()
    assert database_says() == ""


def test_a_thread_starts_unbound(cast):
    seen = []
    with bound(cast.network.pk):
        thread = Thread(target=lambda: seen.append(is_bound()))
        thread.start()
        thread.join()
    assert seen == [False]


def test_on_commit_runs_unbound_and_binds_its_own(alone):
    seen = []

    def later() -> None:
        seen.append((is_bound(), database_says()))
        with bound(alone.foreign[0].pk):
            seen.append(names())

    with bound(alone.network.pk):
        transaction.on_commit(later)
    assert seen[0] == (False, "")
    assert all(CANARY in name for name in seen[1])


def test_after_commit_and_after_rollback_the_connection_is_clean(alone):
    for fails in (False, True):
        try:
            with bound(alone.network.pk):
                if fails:
                    raise LookupError
        except LookupError:
            pass
        assert database_says() == ""
        with pytest.raises(ProgrammingError, match="no network is bound"):
            list(Organization.objects.all())


def lines(response) -> str:
    return b"".join(response).decode()


def test_a_streamed_csv_binds_its_own_network(cast, browse):
    for persona, expected, other in (
        ("administrator", "North Clinic", CANARY),
        ("foreigner", CANARY, "North Clinic"),
    ):
        response = browse(persona).get(reverse("organization-list"), {"export": "csv"})
        assert response.streaming
        assert not is_bound()
        text = lines(response)
        assert expected in text
        assert other not in text
        assert not is_bound()


def test_a_stream_that_is_broken_off_leaves_nothing_bound(alone):
    def rows() -> Iterator[list[str]]:
        for name in Organization.objects.order_by("pk").values_list("name", flat=True):
            yield [name]

    response = csv_response(alone.network.pk, "names", ["name"], rows)
    stream = iter(response)
    assert next(stream)
    assert b"Harbor Health" in next(stream)
    assert is_bound()
    response.close()
    assert not is_bound()
    assert database_says() == ""


def test_two_streams_at_once_in_one_thread_are_refused_not_mixed(cast):
    def stream(network_id: int) -> Iterator[bytes]:
        return iter(
            csv_response(network_id, "names", ["name"], lambda: Organization.objects.values_list("name"))
        )

    one, other = stream(cast.network.pk), stream(cast.foreign[0].pk)
    next(one), next(one), next(other)
    with pytest.raises(BindingError):
        next(other)


def test_the_portal_role_sees_one_vendor_and_ends(cast):
    with bound(cast.network.pk):
        with portal_role(cast.organizations["X"].pk, 1):
            assert names() == {"Xact Labs"}
            for table in ("people_user", "django_session", "orgs_membership"):
                with (
                    pytest.raises(ProgrammingError, match="permission denied"),
                    transaction.atomic(),
                    connection.cursor() as cursor,
                ):
                    cursor.execute(f"SELECT * FROM {table}")
            assert Organization.objects.filter(pk=cast.organizations["Y"].pk).count() == 0
        assert "Harbor Health" in names()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, current_setting('app.vendor', true)")
            assert cursor.fetchone() == ("caretree_web", "")


def test_an_error_inside_the_portal_role_keeps_its_own_message(cast):
    with (
        pytest.raises(ProgrammingError, match="permission denied for table people_user"),
        bound(cast.network.pk),
        portal_role(cast.organizations["X"].pk, 1),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM people_user")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("caretree_web",)


def test_the_portal_role_needs_a_bound_network(cast):
    with pytest.raises(BindingError), portal_role(cast.organizations["X"].pk, 1):
        pytest.fail("it was entered")


@contextmanager
def pool_of_two() -> Iterator[None]:
    """The web role's connections come from a pool of two, whatever the number of threads."""
    settings = connections.databases["default"]
    before = settings["OPTIONS"], settings["CONN_MAX_AGE"]
    connections["default"].close()
    settings["OPTIONS"], settings["CONN_MAX_AGE"] = (
        {**before[0], "pool": {"min_size": 1, "max_size": 2, "timeout": 20}},
        0,
    )
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"].close_pool()
        settings["OPTIONS"], settings["CONN_MAX_AGE"] = before


@contextmanager
def kept_connections() -> Iterator[None]:
    """Each thread keeps its connection from request to request."""
    yield


@pytest.mark.parametrize(("connecting", "threads"), [(pool_of_two, 4), (kept_connections, 3)])
def test_no_request_sees_another_network_over_shared_connections(
    alone: Cast, connecting: Callable, threads: int
):
    mine = {"text": "Harbor", "foreign": CANARY, "id": alone.organizations["S"].pk}
    theirs = {"text": CANARY, "foreign": "Harbor Health", "id": alone.organizations["C1B"].pk}
    clients = {
        "administrator": alone.client("administrator").cookies,
        "foreigner": alone.client("foreigner").cookies,
    }

    def work(seed: int) -> list[str]:
        random, wrong = Random(seed), []
        for _ in range(20):
            persona, here, there = random.choice(
                [("administrator", mine, theirs), ("foreigner", theirs, mine)]
            )
            client = alone.client("stranger")
            client.cookies = clients[persona]
            url, status = random.choice(
                [
                    (reverse("organization", args=[here["id"]]), 200),
                    (reverse("organization", args=[there["id"]]), 404),
                    (reverse("organization-people", args=[here["id"]]), 200),
                ]
            )
            answer = client.get(url)
            text = answer.content.decode()
            if (
                answer.status_code != status
                or here["foreign"] in text
                or (status == 200 and here["text"] not in text)
            ):
                wrong.append(f"{persona} {url}: {answer.status_code}")
            if connecting is pool_of_two:
                connections["default"].close()
        connections["default"].close()
        return wrong

    with connecting(), ThreadPoolExecutor(threads) as pool:
        assert [wrong for found in pool.map(work, range(threads)) for wrong in found] == []


def test_the_check_of_shared_connections_would_notice_a_session_level_setting(alone):
    """With the session-level form of the setting, the next request on the connection sees the first one's network."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.network', %s, false)", [str(alone.foreign[0].pk)])
    assert all(CANARY in name for name in names())
    with bound(alone.network.pk):
        assert tree.root().name == "Harbor Health"
    assert all(CANARY in name for name in names())
