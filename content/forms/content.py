"""What is said about content, and with whom it is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.text import slugify

from content.actions.item import Details
from content.models import ContentItem, ContentShare
from content.permissions import CONTENT_EDIT, CONTENT_SHARE
from content.queries.item import shares_of
from orgs.forms.place import PlaceField, PlacesField
from orgs.queries.access import organizations_for
from orgs.rules.structure import THIRD_PARTY

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.actors import Actor
    from orgs.models import Organization


#: A way of sharing that the form offers besides the modes: linked, and pinned to the newest version.
PINNED = "pinned"


def _usable(rows: QuerySet[Organization]) -> QuerySet[Organization]:
    return rows.filter(status="active").exclude(kind=THIRD_PARTY)


class DetailsForm(forms.Form):
    """Name, category and description."""

    name = forms.CharField(max_length=200)
    category = forms.CharField(max_length=80, required=False, help_text="Such as the specialty.")
    description = forms.CharField(
        max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500})
    )
    overriding = forms.ChoiceField(
        choices=ContentItem.Overriding.choices,
        label="May organizations that it is linked to change it?",
        required=False,
        help_text="Of a program, they can’t.",
    )
    wide = {"name", "description", "overriding"}

    def details(self) -> Details:
        name, description, category = (self.cleaned_data[one] for one in ("name", "description", "category"))
        return Details(name, description, category, self.cleaned_data.get("overriding") or "none")


class AddForm(DetailsForm):
    """A new template, questionnaire or program, and whose it is."""

    kind = forms.ChoiceField(choices=ContentItem.Kind.choices)
    code = forms.CharField(
        max_length=40,
        required=False,
        help_text="Small letters, digits and dashes, such as intake-adults. Empty: made from the name.",
    )

    def __init__(self, actor: Actor, data: Any = None) -> None:
        super().__init__(data)
        places = _usable(organizations_for(actor, CONTENT_EDIT))
        self.fields["organization"] = PlaceField(places, label="Owner", empty_label="Choose an organization")
        first = list(places[:2])
        if len(first) == 1:
            self.initial["organization"] = first[0].pk
        self.order_fields(["organization", "kind", "name", "code", "category", "description", "overriding"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("code") and not self.errors:
            data["code"] = slugify(data["name"])[:40].strip("-")
        return data


class PublishForm(forms.Form):
    """What is new."""

    note = forms.CharField(
        max_length=500,
        label="What is new",
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
        help_text="Shown with the version wherever it is used.",
    )
    wide = {"note"}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}))
    wide = {"reason"}


class OverrideForm(forms.Form):
    """Which organization overrides."""

    def __init__(self, actor: Actor, item: ContentItem, data: Any = None) -> None:
        super().__init__(data)
        links = shares_of(item).filter(mode=ContentShare.Mode.LINKED)
        under = links.filter(
            organization__lft__lte=OuterRef("lft"), organization__rght__gte=OuterRef("rght")
        ).order_by()
        taken = ContentItem.objects.filter(overrides=item).values("organization")
        yours = _usable(organizations_for(actor, CONTENT_EDIT))
        self.places = yours.filter(Exists(under)).exclude(pk__in=taken)
        self.fields["organization"] = PlaceField(
            self.places, label="Organization", empty_label="Choose an organization"
        )


class SharingForm(forms.Form):
    """With which of some places to share, and how."""

    organizations = PlacesField(None, label="Organizations", help_text="Below the owner, and yours.")
    below = forms.BooleanField(
        required=False,
        label="And every organization below those",
        help_text="Only copies need this: what is linked holds below by itself.",
    )
    mode = forms.ChoiceField(
        choices=[
            (ContentShare.Mode.LINKED, "Linked: they always have the newest published version"),
            (PINNED, "Linked and pinned: they keep this version until somebody moves them on"),
            (ContentShare.Mode.COPIED, "Copied: it becomes theirs; its page here shows how it drifts"),
        ],
        widget=forms.RadioSelect,
        initial=ContentShare.Mode.LINKED,
    )
    wide = {"organizations", "below", "mode"}

    def __init__(self, places: QuerySet[Organization], data: Any = None) -> None:
        super().__init__(data)
        self.places = places
        field: Any = self.fields["organizations"]
        field.set_places(places)

    def how(self) -> dict[str, Any]:
        """The mode, and whether the link is pinned, as the action takes them."""
        mode = self.cleaned_data["mode"]
        return {"mode": ContentShare.Mode.LINKED, "pinned": True} if mode == PINNED else {"mode": mode}

    def chosen(self) -> list[Organization]:
        """The organizations, with those below where that was ticked."""
        chosen = list(self.cleaned_data["organizations"])
        if not self.cleaned_data["below"]:
            return chosen
        inside = Q()
        for place in chosen:
            inside |= Q(lft__range=(place.lft, place.rght))
        return list(self.places.filter(inside).order_by("lft"))


class ShareForm(SharingForm):
    """With which organizations to share an item, and how."""

    def __init__(self, actor: Actor, item: ContentItem, data: Any = None) -> None:
        owner, taken = item.organization, shares_of(item).values("organization")
        yours = _usable(organizations_for(actor, CONTENT_SHARE))
        below = yours.filter(tree_id=owner.tree_id, lft__gt=owner.lft, rght__lt=owner.rght)
        super().__init__(below.exclude(pk__in=taken), data)


class ShareManyForm(SharingForm):
    """With which organizations to share several, and how."""

    def __init__(self, actor: Actor, data: Any = None) -> None:
        super().__init__(_usable(organizations_for(actor, CONTENT_SHARE)).exclude(parent=None), data)
