"""How the bound network wants to look and to sign its mail, at one of its organizations."""

from __future__ import annotations

from typing import Any

from core.models import Network
from core.paper import PaperHead
from core.tenancy import bound_network_id
from orgs.models import Logo
from orgs.queries.logo import logos
from orgs.rules.branding import ON_PAPER
from orgs.rules.settings import ACCENT, CONSOLE_NAME, PORTAL_NAME, SENDER_NAME, SUPPORT_EMAIL
from work.actions.mail import Letterhead
from work.queries.file import stored_file


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


def paper_head(organization: Any) -> PaperHead:
    """How a PDF of an organization looks: its name, network and address, and the logo and accent in force there."""
    found = logos(organization)
    file = None if found is None else stored_file(Logo.objects.get(sha256=found.light).file_id)
    network = console_name() or Network.objects.get(pk=bound_network_id()).name
    lines = [line for line in (network, organization.address) if line and line != organization.name]
    light, _ = ON_PAPER[accent(organization)]
    return PaperHead(organization.name, lines, None if file is None else bytes(file.content), light)
