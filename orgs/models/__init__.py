"""Organizations, their contracts and their people."""

from orgs.models.affiliation import Affiliation
from orgs.models.brand import HostName, Logo
from orgs.models.enterprise import EnterpriseOwner
from orgs.models.import_file import ImportLine, OrganizationImport
from orgs.models.invitation import Invitation
from orgs.models.leaving import Departure, OwnRecords
from orgs.models.membership import Grant, Membership
from orgs.models.module import ModuleAssignment, ModuleBatch
from orgs.models.onboarding import DataOwnership, OnboardingStep
from orgs.models.organization import Organization
from orgs.models.placement import Placement
from orgs.models.setting import SettingAssignment, SettingBatch, SettingsVersion, SettingWaiver

__all__ = [
    "Affiliation",
    "DataOwnership",
    "Departure",
    "EnterpriseOwner",
    "Grant",
    "HostName",
    "ImportLine",
    "Invitation",
    "Logo",
    "Membership",
    "ModuleAssignment",
    "ModuleBatch",
    "OnboardingStep",
    "Organization",
    "OrganizationImport",
    "OwnRecords",
    "Placement",
    "SettingAssignment",
    "SettingBatch",
    "SettingWaiver",
    "SettingsVersion",
]
