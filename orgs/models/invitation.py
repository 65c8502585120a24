"""An invitation by e-mail to take a role at an organization."""

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel
from orgs.models.membership import Scope
from orgs.rules.roles import ROLES


class Invitation(TenantModel):
    """The link in the mail carries a secret; only its SHA-256 is stored."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    email = models.EmailField("e-mail")
    name = models.CharField(max_length=150)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.SUBTREE)
    ends_on = models.DateField(null=True, blank=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "invitation"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=["this", "subtree"]), name="invitation_scope_known"
            )
        ]
        indexes = [models.Index(fields=["network", "organization"], name="invitation_organization")]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def role_label(self) -> str:
        return ROLES[self.role].label if self.role in ROLES else self.role
