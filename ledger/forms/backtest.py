"""Forms about drafts: their worked examples, and the past over which they are tested."""

from __future__ import annotations

from django import forms

from orgs.forms.organization import date_field


class ExamplesForm(forms.Form):
    """All worked examples of a draft in one text."""

    examples = forms.CharField(
        required=False,
        max_length=20_000,
        strip=False,
        label="Examples",
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
        help_text="Scenarios in YAML without this rule, a line of --- between two. Empty: none.",
    )
    wide = {"examples"}


class BacktestForm(forms.Form):
    """The effective dates of the past to run a draft over."""

    first_on = date_field(label="From")
    last_on = date_field(label="To")
