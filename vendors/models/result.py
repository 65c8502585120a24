"""What a vendor answered."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel


class Result(TenantModel):
    """One version of a request's result: values, a PDF, or both. Append-only.

    `values` is a list of {name, value, unit, range, flag}.
    """

    tenancy = Tenancy(
        web="SELECT",
        portal="SELECT, INSERT",
        portal_rows="vendor_id = (SELECT app.vendor_id())",
        keyed=False,
    )

    request = TenantKey(
        "vendors.ServiceRequest", on_delete=models.PROTECT, related_name="results", db_index=False
    )
    vendor = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveSmallIntegerField()
    values = models.JSONField(default=list)
    file = TenantKey("work.StoredFile", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    pages = models.PositiveSmallIntegerField(default=0, help_text="Pages of the PDF.")
    comment = models.TextField(blank=True)
    correction = models.CharField(max_length=500, blank=True, help_text="Why it replaces the version before.")
    entered_by_id = models.BigIntegerField()
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "result"
        constraints = [
            models.UniqueConstraint(fields=["network", "request", "version"], name="result_version_unique"),
            models.CheckConstraint(
                condition=models.Q(version=1, correction="")
                | models.Q(version__gt=1) & ~models.Q(correction=""),
                name="result_corrected_why",
            ),
        ]
        indexes = [models.Index(fields=["network", "vendor"], name="result_vendor")]
