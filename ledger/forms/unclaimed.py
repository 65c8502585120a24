"""Forms of unclaimed property."""

from __future__ import annotations

from django import forms

from ledger.actions.unclaimed import LONGEST_REFERENCE
from orgs.forms.organization import date_field


class UnclaimedPaymentForm(forms.Form):
    """When it was paid, and how the payment is found again."""

    on = date_field(label="Paid on")
    reference = forms.CharField(
        max_length=LONGEST_REFERENCE,
        help_text="Of the transfer, cheque or report by which it is found again.",
    )
