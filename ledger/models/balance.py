"""Sums of journal lines: what is folded, by month and as it stands day by day, and what waits for it."""

from __future__ import annotations

from django.db import models

from core.tenancy import Tenancy
from ledger.models.posted import PostedModel, proven_key


class Balance(PostedModel):
    """What one account moved in one month, without the deltas that wait; the account's own fields stand here too,
    so that a statement over many accounts reads one table.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, UPDATE (debit_minor, credit_minor)", keyed=False)

    network = proven_key("core.Network", editable=False)
    pk = models.CompositePrimaryKey("account_id", "month")
    account = proven_key("ledger.Account")
    month = models.DateField()
    organization = proven_key("orgs.Organization")
    counterparty = proven_key("orgs.Organization", null=True)
    code = models.CharField(max_length=30)
    currency = models.CharField(max_length=3)
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "balance"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(debit_minor__gte=0, credit_minor__gte=0), name="balance_not_negative"
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="balance_month"),
        ]
        indexes = [
            models.Index(fields=["network", "organization", "month"], name="balance_organization"),
            models.Index(fields=["network", "code", "month"], name="balance_code"),
        ]


class Standing(PostedModel):
    """All that was ever debited and credited to one account until the end of a day on which it moved, without the
    deltas that wait: what stands there on any day is in one row, the last one until that day.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, UPDATE (debit_minor, credit_minor)", keyed=False)

    network = proven_key("core.Network", editable=False)
    pk = models.CompositePrimaryKey("account_id", "effective_on")
    account = proven_key("ledger.Account")
    effective_on = models.DateField()
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "standing"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(debit_minor__gte=0, credit_minor__gte=0), name="standing_not_negative"
            )
        ]


class BalanceDelta(PostedModel):
    """What one call moved on one account on one day, under the first of its events: written with the lines, folded
    into `Balance` and `Standing` by a job.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, DELETE", keyed=False)

    network = proven_key("core.Network", editable=False)
    pk = models.CompositePrimaryKey("account_id", "event_id")
    account = proven_key("ledger.Account")
    event = proven_key("ledger.LedgerEvent")
    effective_on = models.DateField()
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "balance delta"
