"""Forms about people."""

from __future__ import annotations

from typing import Any

from django import forms

from core.permissions import all_permissions
from orgs.actions.membership import NewMembership
from orgs.forms.organization import ReasonForm, date_field
from orgs.models import Membership
from orgs.models.membership import Scope
from orgs.rules.roles import ROLE_CHOICES


class InviteForm(forms.Form):
    """A person invited to a role at an organization."""

    name = forms.CharField(max_length=150)
    email = forms.EmailField(label="E-mail", max_length=254)
    role = forms.ChoiceField(choices=[("", "Choose a role"), *ROLE_CHOICES])
    scope = forms.ChoiceField(choices=Scope.choices, initial=Scope.THIS, label="Where")
    ends_on = date_field(required=False, label="Last day", help_text="Leave empty for a role without an end.")

    def new(self) -> NewMembership:
        data = self.cleaned_data
        return NewMembership(role=data["role"], scope=data["scope"], ends_on=data["ends_on"])


class ExtendForm(ReasonForm):
    """Another last day for roles, and why."""

    ends_on = date_field(
        required=False, label="New last day", help_text="Leave empty for roles without an end."
    )

    field_order = ["ends_on", "reason"]
    wide = {"ends_on", "reason"}


class RoleForm(ReasonForm):
    """Another role, and why."""

    role = forms.ChoiceField(choices=[("", "Choose a role"), *ROLE_CHOICES], label="New role")

    field_order = ["role", "reason"]
    wide = {"role", "reason"}


class WhyForm(forms.Form):
    """Which person and which permission: why can this person do this here?"""

    person = forms.TypedChoiceField(coerce=int)
    permission = forms.ChoiceField()

    def __init__(self, *args: Any, memberships: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = {membership.user_id: membership.user.name for membership in memberships}
        self.fields["person"].choices = sorted(people.items(), key=lambda pair: pair[1])  # type: ignore[attr-defined]
        permissions = [one for one in all_permissions() if not one.code.startswith("portal:")]
        self.fields["permission"].choices = [(one.code, one.label) for one in permissions]  # type: ignore[attr-defined]


class AcceptForm(forms.Form):
    """The password of a new person, of at least `shortest` characters."""

    password = forms.CharField(
        max_length=128, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, shortest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = f"At least {shortest} characters."
