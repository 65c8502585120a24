"""Where a list of organizations would be too long, codes are typed."""

from __future__ import annotations

import pytest
from django import forms
from django.urls import reverse

from orgs.forms.place import PlaceField, PlacesField
from orgs.models import Organization
from tests.cast import Cast


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orgs.forms.place.LONGEST_LIST", 3)


def _place(**options) -> PlaceField:
    return PlaceField(Organization.objects.all(), **options)


def _places() -> PlacesField:
    field = PlacesField(None, required=False)
    field.set_places(Organization.objects.all())
    return field


def test_a_short_list_is_chosen_from(world: Cast) -> None:
    field = _place()
    assert isinstance(field.widget, forms.Select)
    assert field.clean(str(world["S"].pk)) == world["S"]
    assert _place(by_code=True).clean("S") == world["S"]


def test_a_long_one_takes_a_code(world: Cast, long: None) -> None:
    field = _place()
    assert isinstance(field.widget, forms.TextInput)
    assert field.clean(" S ") == world["S"]
    assert field.prepare_value(world["S"].pk) == "S"
    for wrong in ("NOBODY", "", "C1", str(world["S"].pk)):
        with pytest.raises(forms.ValidationError):
            field.clean(wrong)


def test_several_codes(world: Cast, long: None) -> None:
    field = _places()
    assert set(field.clean("S, Q;T")) == {world["S"], world["Q"], world["T"]}
    assert not field.clean("")
    assert field.prepare_value([world["S"].pk, world["P"].pk]) == "P, S"
    with pytest.raises(forms.ValidationError, match="NOBODY"):
        field.clean("S, NOBODY")


def test_an_organization_is_moved_by_code(cast: Cast, browse, long: None) -> None:
    client = browse("administrator")
    with_bound = cast.organizations["S"]
    url = reverse("organization-move", args=[with_bound.pk])
    assert "Name or code" in client.get(url).content.decode()
    typed = {"parent": "T", "reason": "Nearer.", "_version": str(with_bound.version)}
    seen = cast.post(client, url, typed).context["preview"].fingerprint
    assert cast.post(client, url, typed | {"_seen": seen}).status_code == 302


@pytest.mark.parametrize("route", ["rule-add", "package-add", "period-close"])
def test_other_forms_ask_for_codes_too(cast: Cast, browse, long: None, route: str) -> None:
    page = browse("finance").get(reverse(route)).content.decode()
    assert page.count("North Clinic") == 0
    assert "ode" in page


def test_statements_and_lines_are_addressed_by_code(cast: Cast, browse) -> None:
    client = browse("administrator")
    for route in ("statement", "journal", "journal-lines"):
        assert client.get(reverse(route), {"organization": "S"}).status_code == 200
    page = client.get(reverse("statement"), {"organization": "S"}).content.decode()
    assert "North Clinic" in page
    assert client.get(reverse("statement"), {"organization": "NOBODY"}).status_code == 422


def test_a_name_does_as_well_as_a_code(world: Cast, long: None) -> None:
    assert _place().clean("North Clinic") == world["S"]
    assert set(_places().clean("North Clinic, Q; T")) == {world["S"], world["Q"], world["T"]}
    world["T"].__class__.objects.filter(pk=world["T"].pk).update(name="North Clinic")
    with pytest.raises(forms.ValidationError):  # two have it
        _place().clean("North Clinic")


def test_several_are_ticked_in_a_list_to_find_in(browse) -> None:
    page = browse("finance").get(reverse("package-add")).content.decode()
    assert 'aria-label="Find in Sold at"' in page
    assert 'aria-label="Find in Services"' not in page
