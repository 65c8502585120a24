"""The module that this app brings."""

from core.modules import PRODUCT, Module, declare

REQUESTS = declare(
    Module(
        "requests",
        "Vendor requests",
        "Services are ordered from vendors. What was ordered goes on and stays readable.",
        "clipboard-list",
        PRODUCT,
        permissions=("request:create", "request:approve"),
    )
)
