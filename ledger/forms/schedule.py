"""The form of a scheduled report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from core.validators import UNSEEN, UNSEEN_TEXT, email_address
from ledger.actions.schedule import MOST_RECIPIENTS, Wanted
from ledger.forms.report import SCOPES
from ledger.models.schedule import LONGEST_NAME
from ledger.queries.report import KINDS
from ledger.rules.schedule import EVERY, FORMATS, PERIODS, WEEKDAYS
from orgs.forms.place import PlaceField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from orgs.models import Organization


_SAID_BY_VIEW = ("kind", "scope", "period")


class ScheduleForm(forms.Form):
    """What is sent, about which days, when, and to whom."""

    organization = PlaceField(empty_label=None)
    name = forms.CharField(max_length=LONGEST_NAME, help_text="What its mail is called.")
    view = forms.TypedChoiceField(
        coerce=int,
        required=False,
        empty_value=None,
        label="Saved view",
        help_text="What it shows on the day goes out, however it is changed until then. It says report, books and days.",
    )
    kind = forms.ChoiceField(choices=[(kind.code, kind.title) for kind in KINDS.values()], label="Report")
    scope = forms.ChoiceField(choices=[(one.value, words) for one, words in SCOPES.items()], label="Books")
    period = forms.ChoiceField(choices=list(PERIODS.items()), label="Days")
    formats = forms.MultipleChoiceField(
        choices=list(FORMATS.items()), widget=forms.CheckboxSelectMultiple, label="Attached as"
    )
    every = forms.ChoiceField(choices=list(EVERY.items()), label="How often")
    weekday = forms.TypedChoiceField(
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        label="Weekday",
        help_text="Where it goes out every week.",
    )
    month_day = forms.IntegerField(
        min_value=1,
        max_value=31,
        required=False,
        label="Day of the month",
        help_text="Where it goes out every month; the last one of shorter months.",
    )
    recipients = forms.CharField(
        max_length=MOST_RECIPIENTS * 260,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="To",
        help_text="Addresses of people who may read these statements, one a line. Whoever may not any more gets nothing. "
        "Others where the network lets reports out to their domain.",
    )
    wide = {"name", "view", "recipients", "formats"}

    def __init__(
        self,
        *args: Any,
        views: Mapping[int, str],
        books: QuerySet[Organization] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if views:
            self.fields["view"].choices = [("", "None: what is said below"), *views.items()]  # type: ignore[attr-defined]
        else:
            del self.fields["view"]
        for name in _SAID_BY_VIEW:
            self.fields[name].required = not self.data.get("view")
        if books is None:
            del self.fields["organization"]
        else:
            self.fields["organization"].set_places(books)  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if UNSEEN.search(name):
            raise forms.ValidationError(UNSEEN_TEXT)
        return name

    def clean_recipients(self) -> list[str]:
        """The addresses, apart."""
        addresses = str(self.cleaned_data["recipients"]).replace(",", " ").split()
        for address in addresses:
            try:
                email_address(address)
            except ValueError:
                raise forms.ValidationError(f"“{address[:60]}” is no e-mail address.") from None
        return addresses

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("every") == "month" and not data.get("month_day") and "month_day" not in self.errors:
            self.add_error("month_day", "Say on which day of the month.")
        return data

    def wanted(self) -> Wanted:
        data = self.cleaned_data
        view_id = data.get("view")
        on_day = {"day": 0, "week": data["weekday"] or 1, "month": data["month_day"]}[data["every"]]
        return Wanted(
            name=data["name"],
            view_id=view_id,
            **{field: "" if view_id else data[field] for field in _SAID_BY_VIEW},
            formats=sorted(data["formats"]),
            every=data["every"],
            on_day=on_day,
            recipients=data["recipients"],
        )
