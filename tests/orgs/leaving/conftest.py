"""A partner that did business, had people, links, contacts and shares, and what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from content.actions.item import Details as ContentDetails
from content.actions.item import add_content
from content.actions.share import share_content
from content.actions.version import change_draft, publish
from content.queries.item import draft_of
from content.starter.read import body_of
from core.clock import today_in
from ledger.actions.journal import Posting, post_journal
from ledger.rules.accounts import Account
from orgs.actions.invitation import invite
from orgs.actions.leaving import leave_network
from orgs.actions.membership import NewMembership, grant_membership
from orgs.models import Departure
from orgs.queries.leaving import LeavePreview, leave_preview
from tests.cast import SYSTEM, Cast, make_user
from tests.ledger.market import DAY, Market, new_key, open_market, usd
from vendors.actions.contact import ContactDetails, add_contact, issue_link

FORM = body_of("text! | What brings you here?\nattachment | Letter | PDF")


@dataclass
class Partner:
    """Quay Partners (Q) with Quay Annex (R) below it, in the cast's network, with handles on what it had."""

    world: Cast
    market: Market
    made: dict[str, Any]

    def preview(self, last_day: date | None = None, persona: str = "administrator") -> LeavePreview:
        return leave_preview(self.world.actor(persona), self.world["Q"], last_day or today_in("UTC"))

    def blockers(self, **how: Any) -> list[str]:
        return [effect.title for effect in self.preview(**how).blockers]

    def leave(self, persona: str = "administrator", **how: Any) -> Departure:
        one = self.world["Q"]
        said = {"last_day": today_in("UTC"), "reason": "The contract ended.", "version": one.version} | how
        return leave_network(self.world.actor(persona), one, **said)

    def owe(self) -> None:
        """A service of the parent's package, performed at the partner: the parent owes it 57.75."""
        self.made["sale"] = self.market.sell()
        self.market.redeem(self.made["sale"], "PHYSIO", at="Q")

    def settle(self) -> None:
        """The parent pays what it owes, in both books."""
        q, p, amount = self.world["Q"], self.world["P"], usd("57.75")
        post_journal(
            SYSTEM,
            q,
            postings=[
                Posting(q, Account.CASH, amount),
                Posting(q, Account.DUE_FROM, -amount, p),
                Posting(p, Account.DUE_TO, amount, q),
                Posting(p, Account.CASH, -amount),
            ],
            reason="Paid",
            on=DAY,
            key=new_key(),
        )


def add_administrator(world: Cast, code: str = "Q", persona: str = "partner_admin") -> None:
    """An administrator of the partner itself."""
    user = world.users[persona] = make_user("Petra Partner", f"{persona}@harbor.example")
    new = NewMembership("organization_administrator", starts_on=date(2020, 1, 1))
    grant_membership(SYSTEM, world[code], user=user, new=new)


def published(world: Cast, at: str, code: str, name: str) -> Any:
    item = add_content(SYSTEM, world[at], kind="questionnaire", code=code, details=ContentDetails(name))
    draft = draft_of(item)
    draft = change_draft(SYSTEM, draft, body=FORM, what="written", version=draft.version)
    publish(SYSTEM, draft, note="As agreed.", version=draft.version)
    item.refresh_from_db()
    return item


@pytest.fixture
def partner(world: Cast) -> Partner:
    """Nothing stands in its way yet."""
    market = open_market(world)
    add_administrator(world)
    made: dict[str, Any] = {"parent_form": published(world, "P", "intake", "Parent intake")}
    made["share"] = share_content(SYSTEM, made["parent_form"], organizations=[world["Q"]], mode="linked")[0]
    made["own_form"] = published(world, "Q", "own", "Quay intake")
    made["inner"] = share_content(SYSTEM, made["own_form"], organizations=[world["R"]], mode="linked")[0]
    made["invitation"] = invite(
        SYSTEM, world["R"], email="noa@quay.example", name="Noa New", new=NewMembership("front_desk", "this")
    )
    made["contact"] = add_contact(
        SYSTEM, world["Q"], details=ContactDetails("Quill Quay", "quill@quay.example")
    )
    made["link"], _ = issue_link(SYSTEM, made["contact"])
    return Partner(world, market, made)
