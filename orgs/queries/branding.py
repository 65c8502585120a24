"""How the bound network wants to look and to sign its mail, at one of its organizations."""

from __future__ import annotations

from typing import Any

from core.models import Network
from core.tenancy import bound_network_id
from orgs.models import Logo
from orgs.queries.logo import logos
from orgs.rules.branding import ON_PAPER
from orgs.rules.settings import ACCENT, CONSOLE_NAME, PORTAL_NAME, SENDER_NAME, SUPPORT_EMAIL
from work.actions.mail import Letterhead


def portal_name(vendor: Any, network_name: str) -> str:
    """What the vendor portal is called."""
    return PORTAL_NAME.at(vendor) or network_name


def console_name() -> str:
    """What stands at the head of the console's navigation; empty for the network's name."""
    return CONSOLE_NAME.at_network()


def support_email(organization: Any) -> str:
    """Where people write who need help; empty when nobody said."""
    return SUPPORT_EMAIL.at(organization)


def sender_name(organization: Any) -> str:
    """The name that mail comes from; empty for the server's own."""
    return SENDER_NAME.at(organization)


def accent(organization: Any = None) -> str:
    """The accent colour, at an organization or the bound network's parent."""
    return ACCENT.at_network() if organization is None else ACCENT.at(organization)


def letterhead(organization: Any) -> Letterhead:
    """How mail about an organization looks: its network's name and accent, and the logo in force there, for light ground."""
    network, found = Network.objects.get(pk=bound_network_id()), logos(organization)
    light, dark = ON_PAPER[accent(organization)]
    logo = None if found is None else Logo.objects.get(sha256=found.light).file_id
    return Letterhead(console_name() or network.name, light, dark, network.pk, logo)
