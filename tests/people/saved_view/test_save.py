"""Saved views: whose they are, what opens by itself, what may be shared, and names and queries meant to harm."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused
from core.tenancy import bound
from people.actions import saved_view as actions
from people.actions.saved_view import ViewDetails, change_view, delete_view, save_view
from people.models import SavedView

LIST = "organization-list"
URL = reverse(LIST)
SAVE = reverse("view-save")


def save(world, persona="administrator", name="Mine", query="kind=sub", **more) -> SavedView:
    return save_view(
        world.actor(persona), None, list_name=LIST, query=query, details=ViewDetails(name, **more)
    )


def post(client, world, url=SAVE, path=URL, query="", **data):
    return client.post(f"{url}?_path={path}&{query}", {"_network": world.network.pk} | data)


def named(client) -> list[str]:
    return [one.name for one in client.get(URL, {"view": ""}).context["saved_views"]]


class TestWhose:
    def test_one_sees_ones_own_and_what_is_shared(self, world, browse):
        save(world, "desk", "Nora's")
        save(world, "administrator", "For all", is_shared=True)
        save(world, "administrator", "Ada's")
        assert named(browse("desk")) == ["For all", "Nora's"]
        assert named(browse("administrator")) == ["Ada's", "For all"]

    def test_sharing_needs_its_permission(self, world, browse):
        with pytest.raises(Denied):
            save(world, "desk", is_shared=True)
        answer = post(browse("desk"), world, name="Sly", is_shared="on")
        assert answer.status_code == 302
        assert not SavedView.objects.get(name="Sly").is_shared, "the field isn't offered, so it isn't read"

    def test_nobody_changes_or_deletes_anothers(self, world, browse):
        view = save(world, "administrator")
        for name in ("view-edit", "view-delete"):
            answer = post(browse("desk"), world, reverse(name, args=[view.pk]), name="Taken", _version=1)
            assert answer.status_code == 404
        with pytest.raises(Refused):
            change_view(world.actor("desk"), view, details=ViewDetails("Taken"), version=1)
        with pytest.raises(Denied):
            delete_view(world.actor("desk"), view)
        assert SavedView.objects.get(pk=view.pk).name == "Mine"

    def test_who_may_share_takes_a_shared_one_away(self, world):
        view = save(world, "desk")
        with pytest.raises(Refused):
            delete_view(world.actor("administrator"), view)
        SavedView.objects.filter(pk=view.pk).update(is_shared=True)
        view.refresh_from_db()
        delete_view(world.actor("administrator"), view)
        assert not SavedView.objects.exists()


class TestTheDefault:
    def test_opens_by_itself_and_only_without_a_query(self, world, browse):
        save(world, query="kind=partner&columns=city", is_default=True)
        client = browse("administrator")
        opened = client.get(URL)
        assert (opened.status_code, opened["Location"]) == (302, f"{URL}?kind=partner&columns=city")
        assert client.get(URL, {"view": ""}).status_code == 200
        assert client.get(URL, {"kind": "sub"}).status_code == 200
        assert client.get(URL, headers={"HX-Request": "true"}).status_code == 200
        assert browse("desk").get(URL).status_code == 200

    def test_of_somebody_else_does_not(self, world, browse):
        save(world, is_default=True, is_shared=True)
        assert browse("desk").get(URL).status_code == 200

    def test_there_is_one(self, world):
        first, second = save(world, is_default=True), save(world, name="Other", is_default=True)
        assert list(SavedView.objects.filter(is_default=True)) == [second]
        change_view(world.actor("administrator"), first, details=ViewDetails("Mine", True), version=1)
        assert list(SavedView.objects.filter(is_default=True)) == [first]


class TestWhatIsRefused:
    def test_a_name_used_before_in_whatever_case(self, world, browse):
        save(world, name="Mine")
        answer = post(browse("administrator"), world, name="mine")
        assert answer.status_code == 422
        assert "Choose another name" in answer.content.decode()
        save(world, "desk", name="Mine")

    @pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", "a\nb", "\u202egnp.exe"])
    def test_names_that_are_none(self, world, browse, name):
        assert post(browse("administrator"), world, name=name).status_code == 422
        assert not SavedView.objects.exists()

    def test_more_than_fifty_of_a_list(self, world, monkeypatch):
        monkeypatch.setattr(actions, "MOST_VIEWS", 3)
        for number in range(3):
            save(world, name=f"View {number}")
        with pytest.raises(Refused, match="Delete one first"):
            save(world, name="One more")
        save(world, "desk")

    def test_a_stale_change(self, world, browse):
        view = save(world)
        change_view(world.actor("administrator"), view, details=ViewDetails("New"), version=1)
        url = reverse("view-edit", args=[view.pk])
        assert post(browse("administrator"), world, url, name="Old", _version=1).status_code == 409


class TestHarm:
    @pytest.mark.parametrize(
        "path",
        [
            "",
            "//evil.example/",
            "https://evil.example/",
            "/console/",
            "/account/logout/",
            "javascript:alert(1)",
            "/console/organizations/../",
            "/console/organizations/&_path=//evil.example/",
            "/console/organizations/%0d%0aX:1",
            "/console/organizations/1/edit/",
        ],
    )
    def test_a_view_goes_back_to_a_list_or_nowhere(self, world, browse, path):
        assert post(browse("administrator"), world, path=path, name="Mine").status_code == 404
        assert not SavedView.objects.exists()

    def test_a_query_is_kept_as_words_only(self, world, browse):
        client = browse("administrator")
        query = "q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&export=csv&page=9&selected=1&_network=2"
        answer = post(client, world, query=query, name='"><script>alert(2)</script>')
        view = SavedView.objects.get()
        assert answer["Location"] == f"{URL}?{view.query}"
        assert view.query.startswith("q=%22%3E%3Cscript%3E")
        assert not {"export", "page", "selected", "_network"} & {
            pair.split("=")[0] for pair in view.query.split("&")
        }
        shown = client.get(f"{URL}?{view.query}").content.decode()
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(2)" in shown

    def test_a_view_of_filters_and_columns_that_are_gone_still_opens(self, world, browse):
        view = save(world, query="nosuch=1&kind=nosuch&columns=nosuch&sort=nosuch&page=x")
        assert browse("administrator").get(f"{URL}?{view.query}").status_code == 200

    def test_a_huge_query_is_cut_at_a_pair(self, world, browse):
        answer = post(browse("administrator"), world, query="kind=sub&q=" + "x" * 5000, name="Long")
        assert answer.status_code == 302
        assert SavedView.objects.get().query == "kind=sub"


def test_the_trail_says_what_was_saved_changed_and_deleted(world):
    view = save(world)
    change_view(world.actor("administrator"), view, details=ViewDetails("New"), version=1)
    delete_view(world.actor("administrator"), SavedView.objects.get())
    assert list(
        AuditEvent.objects.filter(verb__startswith="view.").order_by("pk").values_list("verb", flat=True)
    ) == ["view.saved", "view.changed", "view.deleted"]


@pytest.mark.parametrize(
    ("column", "value"), [("name", "' '"), ("name", "''"), ("list_name", "''"), ("name", "' Mine'")]
)
def test_the_database_refuses_what_has_no_name(world, column, value):
    view = save(world)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE people_savedview SET {column} = {value} WHERE id = %s", [view.pk])


def test_the_database_refuses_a_second_default_and_a_second_name(world):
    first, second = save(world, is_default=True), save(world, name="Other")
    for assignment in ("is_default = true", "name = 'MINE'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE people_savedview SET {assignment} WHERE id = %s", [second.pk])
    assert first.is_default


def test_another_network_finds_none(cast):
    with bound(cast.network.pk):
        view = save(cast)
    with bound(cast.foreign[0].pk):
        assert not SavedView.objects.filter(pk=view.pk).exists()
        assert SavedView.objects.filter(pk=view.pk).update(name="Taken") == 0
