"""Organizations, their contracts and their people."""

from orgs.models.affiliation import Affiliation
from orgs.models.invitation import Invitation
from orgs.models.membership import Grant, Membership
from orgs.models.organization import Organization

__all__ = ["Affiliation", "Grant", "Invitation", "Membership", "Organization"]
