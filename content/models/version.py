"""What a template or questionnaire asks, numbered."""

from __future__ import annotations

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class ContentVersion(TenantModel, VersionedModel):
    """One version: a draft that may change, or a published one that never does again.

    `body` is as `content/rules/body.py` says; `history` are the draft's former bodies, the last one last.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE, DELETE")

    item = TenantKey("content.ContentItem", on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    body = models.JSONField()
    history = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    base = TenantKey(
        "content.ContentVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Of an override: the version of the shared form that it was laid over.",
    )
    note = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by_id = models.BigIntegerField(null=True)
    published_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "version"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "item", "number"], name="contentversion_number_unique"
            ),
            models.UniqueConstraint(
                fields=["network", "item"],
                condition=models.Q(state="draft"),
                name="contentversion_one_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "published"]), name="contentversion_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", published_at__isnull=True)
                | models.Q(state="published", published_at__isnull=False, history=[]),
                name="contentversion_published",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    def standing(self, newest: int | None) -> tuple[str, str]:
        """Its state and the word for it, beside the number of the newest published version."""
        if self.state == self.State.PUBLISHED and newest is not None and self.number < newest:
            return "superseded", "Superseded"
        return self.state, self.get_state_display()

    @property
    def access_organization_id(self) -> int:
        return self.item.organization_id
