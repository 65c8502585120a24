"""A node of the network's tree."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey

from core.search_key import normalize
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel, bound_network_id
from orgs.rules.structure import KIND_LABELS


class TreeKey(TenantKey, TreeForeignKey):
    """The parent key: inside one network, and known to MPTT."""


class OrganizationManager(TreeManager):
    """Gives every network one tree whose id is the network's: MPTT's max + 1 would see only its own network."""

    def _get_next_tree_id(self) -> int:
        return bound_network_id()


class Organization(TenantModel, VersionedModel, MPTTModel):
    """An organization. `parent` is the truth, `lft` and `rght` are a cache that `verify_tree` proves.

    The cache has gaps, so that adding or moving changes no other row; `orgs/queries/tree.py` writes it.
    """

    class Kind(models.TextChoices):
        PARENT = "parent", KIND_LABELS["parent"]
        SUB = "sub", KIND_LABELS["sub"]
        PARTNER = "partner", KIND_LABELS["partner"]
        THIRD_PARTY = "third_party", KIND_LABELS["third_party"]

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"
        ARCHIVED = "archived", "Archived"

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE",
        poster="SELECT",
        portal="SELECT",
        portal_rows="id = (SELECT app.vendor_id())",
    )

    parent = TreeKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(max_length=20, choices=Status, default=Status.ACTIVE)
    currency = models.CharField(max_length=3, help_text="ISO 4217 code of its books.")
    time_zone = models.CharField(max_length=60, help_text="IANA zone; dates of postings are dates there.")
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    address = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField("state or province", max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2 code.")
    search_key = models.CharField(max_length=320, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Organization]] = OrganizationManager()

    class MPTTMeta:
        order_insertion_by: list[str] = []

    class Meta:
        verbose_name = "organization"
        constraints = [
            models.UniqueConstraint(fields=["network", "code"], name="organization_code_unique"),
            models.UniqueConstraint(
                fields=["network"], condition=models.Q(kind="parent"), name="organization_one_parent"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="parent", parent__isnull=True)
                | (~models.Q(kind="parent") & models.Q(parent__isnull=False)),
                name="organization_parent_is_root",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["parent", "sub", "partner", "third_party"]),
                name="organization_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "suspended", "archived"]),
                name="organization_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(tree_id=models.F("network")), name="organization_tree_is_network"
            ),
        ]
        indexes = [
            models.Index(fields=["tree_id", "lft"], include=["network"], name="organization_tree"),
            models.Index(fields=["network", "parent"], name="organization_children"),
            models.Index(fields=["network", "name", "id"], name="organization_name"),
            models.Index(fields=["network", "search_key"], name="organization_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def access_organization_id(self) -> int:
        return self.pk

    @property
    def keeps_books(self) -> bool:
        """Every kind but a third party keeps books in the shared ledger."""
        return self.kind != self.Kind.THIRD_PARTY

    def fill_search_key(self) -> None:
        """Normalize what search looks at; bulk writers call it themselves."""
        self.search_key = normalize(f"{self.name} {self.code} {self.city}")[:320]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_search_key()
        super().save(*args, **kwargs)
