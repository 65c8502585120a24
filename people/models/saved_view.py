"""How a person likes to see a list: its filters, order and columns, under a name."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from core.tenancy import TenantModel

LONGEST_NAME = 60
LONGEST_QUERY = 2000


class SavedView(TenantModel):
    """One view of one list. `list_name` is the list's route, `query` what stands behind its question mark."""

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=80)
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    is_default = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "view"
        constraints = [
            models.UniqueConstraint(
                "network", "user", "list_name", Lower("name"), name="savedview_name_once"
            ),
            models.UniqueConstraint(
                fields=["network", "user", "list_name"],
                condition=models.Q(is_default=True),
                name="savedview_one_default",
            ),
            models.CheckConstraint(condition=models.Q(name__regex=r"^\S(.*\S)?$"), name="savedview_named"),
            models.CheckConstraint(condition=~models.Q(list_name=""), name="savedview_of_a_list"),
        ]
        indexes = [
            models.Index(
                fields=["network", "list_name"], condition=models.Q(is_shared=True), name="savedview_shared"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def access_organization_id(self) -> None:
        """It belongs to a person, not to an organization."""
