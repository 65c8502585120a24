"""Entries of the console's navigation."""

from core.registries import NavItem, SearchSource, Tab, navigation, organization_tabs, search_sources
from orgs.permissions import (
    AUDIT_VIEW,
    MEMBERSHIP_VIEW,
    MODULE_VIEW,
    ONBOARDING_VIEW,
    ORGANIZATION_VIEW,
    SETTING_VIEW,
)
from orgs.queries.search import find_organizations, find_settings

navigation.add("home", NavItem("", "Overview", "layout-dashboard", "home", ORGANIZATION_VIEW, 0))
navigation.add(
    "organizations",
    NavItem("Enterprise", "Organizations", "network", "organization-list", ORGANIZATION_VIEW, 10),
)
navigation.add(
    "parent-account",
    NavItem("Enterprise", "Parent Account", "building-2", "parent-account", ONBOARDING_VIEW, 12),
)
navigation.add(
    "people", NavItem("Governance", "People and roles", "users", "membership-list", MEMBERSHIP_VIEW, 80)
)
navigation.add(
    "settings", NavItem("Governance", "Policies", "shield-check", "setting-list", SETTING_VIEW, 85)
)
navigation.add("modules", NavItem("Governance", "Modules", "layout-grid", "module-matrix", MODULE_VIEW, 86))
navigation.add("audit", NavItem("Governance", "Audit", "scroll-text", "audit-list", AUDIT_VIEW, 90))

organization_tabs.add("overview", Tab("Overview", "organization", ORGANIZATION_VIEW, 0))
organization_tabs.add("people", Tab("People", "organization-people", MEMBERSHIP_VIEW, 30))
organization_tabs.add("settings", Tab("Settings", "organization-settings", SETTING_VIEW, 20))
organization_tabs.add("modules", Tab("Modules", "organization-modules", MODULE_VIEW, 25))
organization_tabs.add("activity", Tab("Activity", "organization-activity", AUDIT_VIEW, 90))
search_sources.add("organizations", SearchSource("Organizations", find_organizations))
search_sources.add("settings", SearchSource("Policies", find_settings))
