"""What a side has said of what stands between two organizations: only what somebody acted on has a row."""

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel


class Acknowledgement(TenantModel):
    """One side agrees to one item: an event's lines on the creditor's due-from account. Append-only.

    Who recorded the event has agreed by that; a trigger says whether this row is the last that was needed, and refuses
    a side that the item doesn't have (sql/0002_reconciliation_guards.up.sql).
    """

    tenancy = Tenancy(web="SELECT, INSERT", keyed=False)

    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    account = TenantKey("ledger.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    side = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    completes = models.BooleanField(default=False, help_text="Nobody else has to agree.")
    by_silence = models.BooleanField(default=False)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "acknowledgement"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "account", "event", "side"], name="acknowledgement_once_a_side"
            ),
            models.UniqueConstraint(
                fields=["network", "account", "event"],
                condition=models.Q(completes=True),
                name="acknowledgement_complete_once",
            ),
        ]
