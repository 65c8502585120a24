"""What is kept of items beside the items themselves, so that totals needn't read them."""

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel


class ItemTotal(TenantModel):
    """The items of one account and day that are acknowledged (no run), or that a run took. Kept by triggers alone.

    Taken ones are not counted as acknowledged (sql/0094_item_totals.up.sql).
    """

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (items, minor)", keyed=False)

    account = TenantKey("ledger.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    run = TenantKey(
        "settlement.SettlementRun", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    on = models.DateField()
    items = models.BigIntegerField()
    minor = models.BigIntegerField()

    class Meta:
        verbose_name = "total of items"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "account", "run", "on"], nulls_distinct=False, name="itemtotal_once"
            ),
        ]
