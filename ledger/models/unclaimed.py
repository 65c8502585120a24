"""What nobody used in time and the law leaves to its owner or the state."""

from __future__ import annotations

from django.db import models

from core.money import Money
from core.tenancy import Tenancy, TenantKey
from ledger.models.posted import PostedModel


class UnclaimedItem(PostedModel):
    """What one expiry left as unclaimed property, and the payment that gave it away; none while it is held.

    Written by the database from the inputs of the events, so that an item is paid once at a time.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, UPDATE (payment_id)")

    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    entitlement = TenantKey("ledger.Entitlement", on_delete=models.PROTECT, related_name="+", db_index=False)
    holder = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    dormant_on = models.DateField(help_text="The last day on which it could be used.")
    payment = TenantKey(
        "ledger.LedgerEvent", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "unclaimed item"
        constraints = [
            models.UniqueConstraint(fields=["network", "event"], name="unclaimeditem_once"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="unclaimeditem_is_something"),
        ]
        indexes = [
            models.Index(fields=["network", "holder", "dormant_on", "id"], name="unclaimeditem_holder"),
            models.Index(fields=["network", "entitlement"], name="unclaimeditem_entitlement"),
            models.Index(fields=["network", "payment"], name="unclaimeditem_payment"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.holder_id

    @property
    def patient_id(self) -> int:
        """Whose it is."""
        return self.entitlement.patient_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_held(self) -> bool:
        return self.payment_id is None
