"""The accounts of the organizations' books."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce

from core.tenancy import Tenancy, TenantKey
from ledger.models.posted import PostedModel
from ledger.rules.accounts import Account as Code
from ledger.rules.accounts import AccountType, account_type


class Account(PostedModel):
    """One account: organization, code, currency and, where the chart asks for it, counterparty.

    The posting functions make accounts on demand; a trigger holds them to the chart and the generated column
    `mirror_key` names what must sum to zero within one entry (sql/0002_guards.up.sql).
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=30, choices=[(code.value, account_type(code).label) for code in Code])
    currency = models.CharField(max_length=3)
    counterparty = TenantKey(
        "orgs.Organization", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "account"
        constraints = [
            # As UNIQUE NULLS NOT DISTINCT; written so that the look-up by counterparty can use the index.
            models.UniqueConstraint(
                "network",
                "organization",
                "code",
                "currency",
                Coalesce("counterparty", 0),
                name="account_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(counterparty__isnull=True)
                | ~models.Q(counterparty=models.F("organization")),
                name="account_not_with_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.type.label

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def type(self) -> AccountType:
        return account_type(self.code)
