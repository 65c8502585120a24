"""Stored files: bytes under row-level security, so that a backup has them and a wrong query doesn't."""

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantModel


class StoredFile(TenantModel):
    """One file with its type by content. `organization_id` is whose file it is (a vendor's result: the vendor)."""

    tenancy = Tenancy(
        web="SELECT, INSERT",
        portal="SELECT, INSERT",
        portal_rows="organization_id = (SELECT app.vendor_id())",
    )

    organization_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())
