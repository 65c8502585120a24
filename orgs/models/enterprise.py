"""Who owns a customer's Parent Accounts. Outside tenancy: it precedes any network and opens none."""

from django.conf import settings
from django.db import models


class EnterpriseOwner(models.Model):
    """A person who opens Parent Accounts of an enterprise and sees how far each is, but nothing inside one."""

    enterprise = models.ForeignKey("core.Enterprise", on_delete=models.PROTECT, related_name="owners")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_by = models.CharField(max_length=200)
    granted_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "enterprise owner"
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "user"],
                condition=models.Q(ended_at=None),
                name="enterpriseowner_once",
            )
        ]
