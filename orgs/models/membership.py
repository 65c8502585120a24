"""Membership is the truth; its guardian rows are a projection that only our predicate reads."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from guardian.models import UserObjectPermissionBase

from core.tenancy import TenantKey, TenantModel, VersionedModel
from orgs.rules.roles import ROLES


class Scope(models.TextChoices):
    THIS = "this", "This organization"
    SUBTREE = "subtree", "This organization and everything below"


class Membership(TenantModel, VersionedModel):
    """User x organization x role, dated, with a scope."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.SUBTREE)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day.")
    granted_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "membership"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="membership_period",
            ),
            models.CheckConstraint(
                condition=models.Q(scope__in=["this", "subtree"]), name="membership_scope_known"
            ),
            models.UniqueConstraint(
                fields=["network", "user", "organization", "role"],
                condition=models.Q(ends_on__isnull=True),
                name="membership_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "organization"], name="membership_organization"),
            models.Index(fields=["user"], name="membership_user"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def role_label(self) -> str:
        return ROLES[self.role].label if self.role in ROLES else self.role


class Grant(TenantModel, UserObjectPermissionBase):
    """One permission of one membership: guardian's row, with scope and dates."""

    content_object = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+")
    membership = TenantKey("orgs.Membership", on_delete=models.CASCADE, related_name="grants")
    scope = models.CharField(max_length=10)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    objects: ClassVar[models.Manager[Grant]] = models.Manager()

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        unique_together = []
        constraints = [
            models.UniqueConstraint(fields=["network", "membership", "permission"], name="grant_unique"),
        ]
        indexes = [models.Index(fields=["network", "user"], name="grant_user")]
