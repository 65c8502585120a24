"""Where content of one organization is available below it."""

from __future__ import annotations

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel


class ContentShare(TenantModel):
    """An item, given to an organization: linked, it holds there and below; copied, the copy is the organization's own.

    A link is live, or pinned to one version.
    """

    class Mode(models.TextChoices):
        LINKED = "linked", "Linked"
        COPIED = "copied", "Copied"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    item = TenantKey("content.ContentItem", on_delete=models.PROTECT, related_name="shares", db_index=False)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    mode = models.CharField(max_length=10, choices=Mode)
    pinned = TenantKey(
        "content.ContentVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The version that is used there until somebody moves it on; without, always the newest.",
    )
    copy = TenantKey("content.ContentItem", on_delete=models.PROTECT, null=True, related_name="+")
    shared_at = models.DateTimeField()
    shared_by_id = models.BigIntegerField(null=True)
    shared_by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "share"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mode__in=["linked", "copied"]), name="contentshare_mode_known"
            ),
            models.CheckConstraint(
                condition=models.Q(mode="linked", copy__isnull=True)
                | models.Q(mode="copied", copy__isnull=False),
                name="contentshare_copy",
            ),
            models.CheckConstraint(
                condition=models.Q(pinned__isnull=True) | models.Q(mode="linked"),
                name="contentshare_pinned_is_linked",
            ),
            models.UniqueConstraint(
                fields=["network", "item", "organization"],
                condition=models.Q(ended_at__isnull=True),
                name="contentshare_once",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "organization", "item"], name="contentshare_organization"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.item.organization_id
