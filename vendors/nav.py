"""Entries of the console's navigation, tabs and search."""

from core.registries import (
    NavItem,
    SearchSource,
    Tab,
    navigation,
    organization_tabs,
    patient_tabs,
    search_sources,
)
from vendors.permissions import REQUEST_REPORT, REQUEST_VIEW, VENDOR_VIEW
from vendors.search import find_requests, find_vendors

navigation.add(
    "requests",
    NavItem("Third parties", "Requests", "clipboard-list", "request-list", REQUEST_VIEW, 60, "requests"),
)
navigation.add(
    "vendors", NavItem("Third parties", "Vendors", "flask-conical", "vendor-list", VENDOR_VIEW, 61)
)
navigation.add(
    "request-report",
    NavItem("Third parties", "Request report", "chart-column", "request-report", REQUEST_REPORT, 62),
)

organization_tabs.add(
    "requests", Tab("Requests", "organization-requests", REQUEST_VIEW, 60, module="requests")
)
patient_tabs.add("requests", Tab("Requests", "patient-requests", REQUEST_VIEW, 60))

search_sources.add("vendors", SearchSource("Vendors", find_vendors))
search_sources.add("requests", SearchSource("Requests", find_requests))
