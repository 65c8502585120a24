"""The base of the tables that only the posting functions write."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db import models

from core.tenancy import TenantModel

M = TypeVar("M", bound=models.Model)


class ReadOnlyError(TypeError):
    """A programming error: the posting functions alone write this table."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(f"{model._meta.object_name} is written by ledger.posting only.")


class PostedQuerySet(models.QuerySet[M]):
    """Reads; every way to write is refused before it reaches the database, which would refuse it too."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ReadOnlyError(self.model)

    create = update = delete = bulk_create = bulk_update = get_or_create = update_or_create = _refuse


class PostedModel(TenantModel):
    """A row that the posting functions wrote."""

    objects = PostedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ReadOnlyError(type(self))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ReadOnlyError(type(self))


def proven_key(to: str, **options: Any) -> Any:
    """A key without a constraint of its own, in the rows that every posting writes.

    A foreign key looks up row by row, and locks the hot row that it finds. Here row-level security binds the network
    while writing, accounts and events hang on organizations by real keys, and the deferred check of the event proves
    that its lines and movements hang on them, in one look.
    """
    return models.ForeignKey(
        to,
        on_delete=models.PROTECT,
        related_name=options.pop("related_name", "+"),
        db_constraint=False,
        db_index=False,
        **options,
    )
