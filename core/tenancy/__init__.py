"""Tenancy by row-level security: every tenant row belongs to one Network, and PostgreSQL holds the wall."""

from core.tenancy.binding import bound, bound_network_id, forget, memo
from core.tenancy.models import Tenancy, TenantKey, TenantModel, VersionedModel

__all__ = [
    "Tenancy",
    "TenantKey",
    "TenantModel",
    "VersionedModel",
    "bound",
    "bound_network_id",
    "forget",
    "memo",
]
