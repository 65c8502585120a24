"""Vendors' contacts and service settings, the portal's links and sessions, requests and results."""

from vendors.models.contact import VendorContact
from vendors.models.message import RequestMessage
from vendors.models.portal import PortalCode, PortalLink, PortalSession
from vendors.models.request import RequestTransition, ServiceRequest, TaskPatient
from vendors.models.result import Result
from vendors.models.service import VendorPrice, VendorService

__all__ = [
    "PortalCode",
    "PortalLink",
    "PortalSession",
    "RequestMessage",
    "RequestTransition",
    "Result",
    "ServiceRequest",
    "TaskPatient",
    "VendorContact",
    "VendorPrice",
    "VendorService",
]
