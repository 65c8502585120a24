"""The advisor: a sub, a partner or a secondary Parent Account? Pure functions, no ORM.

It asks what the guide to secondary Parent Accounts asks: does the newcomer need a hierarchy of its own, does it work
independently, is its data meant to be apart?
"""

from __future__ import annotations

from dataclasses import dataclass

from orgs.rules.structure import PARTNER, SUB

SECONDARY = "secondary"

HIERARCHY = {
    "none": "No: it is one place, or a few that are led together",
    "levels": "Yes, within the levels of subs that this network allows",
    "deeper": "Yes, and deeper than this network allows, or for its own clients",
}
INDEPENDENCE = {
    "ours": "It is ours: our people, our settings, our books",
    "contract": "It is a separate business that works with us under a contract",
    "own": "It runs by itself: own branding, own workflows, own people and administrators",
}
SEPARATION = {
    "shared": "Patients and reports are shared, with consent",
    "agreed": "Only what an agreement lets through is shared",
    "apart": "Nothing is shared: patients, appointments, billing and reports stay apart",
}

TRADE_OFFS = (
    "Settings, people, roles, credentials and integrations are set up and kept twice.",
    "Patients, appointments, billing, providers and reports are never shared or moved between Parent Accounts.",
    "A prepaid package of one Parent Account can't be redeemed in the other, and no statement covers both.",
    "Content is copied by hand as a package and not linked: a change has to be copied again.",
    "Data that must flow flows through your own API clients, which somebody has to own and keep working.",
)


@dataclass(frozen=True)
class Advice:
    """What to open, why, and what is given up by it."""

    kind: str
    reasons: tuple[str, ...]
    trade_offs: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return {
            SUB: "Add it as a sub",
            PARTNER: "Add it as a partner",
            SECONDARY: "Open a secondary Parent Account",
        }[self.kind]


def advise(hierarchy: str, independence: str, separation: str) -> Advice:
    """Advice for three answers, keys of `HIERARCHY`, `INDEPENDENCE` and `SEPARATION`.

    Whatever needs an island is a secondary Parent Account; a separate business is a partner; the rest are subs.
    """
    island = [
        reason
        for wanted, reason in (
            (hierarchy == "deeper", "It needs a hierarchy that this network doesn’t allow below it."),
            (independence == "own", "It has its own branding, workflows, people and administrators."),
            (
                separation == "apart",
                "Its data is meant to stay apart, which only a Parent Account of its own does.",
            ),
        )
        if wanted
    ]
    if island:
        return Advice(SECONDARY, tuple(island), TRADE_OFFS)
    if independence == "contract" or separation == "agreed":
        return Advice(
            PARTNER,
            (
                "It is a business of its own: a dated contract, its own books, and real payables between you.",
                "It sees of your patients only what a sharing agreement gives it.",
            ),
        )
    return Advice(
        SUB,
        (
            "It is led from here: settings, modules and content come from above, and its books are consolidated.",
            "Its patients are the network’s patients; a new Parent Account would only split them.",
        ),
    )
