"""The module that this app brings."""

from core.modules import PRODUCT, Module, declare

REGISTRATION = declare(
    Module(
        "registration",
        "Patient registration",
        "New patients are registered here. Those known already are served without it, too.",
        "user-round-plus",
        PRODUCT,
        permissions=("patient:register",),
    )
)
