"""What the forms of the console are given, and what has to be there before."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP, generate_totp_secret
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.content_package import write_package
from core.money import Money
from core.settings import Mode
from core.tenancy import bound
from ledger.actions.catalog import retire_service
from ledger.actions.entitlement import freeze_entitlement
from ledger.actions.journal import Posting, post_journal
from ledger.actions.package import withdraw_package
from ledger.actions.redemption_import import start_redemptions
from ledger.queries.catalog import services_for
from ledger.queries.offer import packages_for
from ledger.queries.redemption_import import imports_for as redemption_imports
from ledger.rules.accounts import Account
from network.isolation.records import PDF
from orgs.actions.setting import NewValue, assign_setting
from orgs.queries.leaving import leave_preview
from orgs.queries.move import preview
from settlement.actions.reconciliation import answer_finding, sign
from settlement.actions.statement import cancel_statement, start_statement
from settlement.queries.reconciliation import findings_for, reconciliations_for, statements_for
from settlement.rules.statement_csv import guessed
from tests.cast import PASSWORD, SYSTEM
from tests.input.world import World
from tests.second_factor import code_of
from vendors.rules.settings import APPROVAL_ABOVE

STRANGER, VENDOR = "", "vendor"
ADMINISTRATOR, FINANCE, DESK = "administrator", "finance", "desk"
Data = dict[str, Any]


def limit_what_is_sent(world: World) -> None:
    """So that the draft needs approval."""
    with bound(world.stage.network_id):
        place = world.stage.cast["P"]
        assign_setting(SYSTEM, place, setting=APPROVAL_ABOVE, new=NewValue("0.01", Mode.DEFAULT))


def withdraw(world: World) -> None:
    """So that the package can be put on sale."""
    with bound(world.stage.network_id):
        one = packages_for(SYSTEM).get(pk=world.records["package"])
        withdraw_package(SYSTEM, one, version=one.version)


def expect_breakage(world: World) -> None:
    """So that there is something to book."""
    with bound(world.stage.network_id):
        packages_for(SYSTEM).filter(pk=world.records["package"]).update(breakage_percent=20)


def freeze_it(world: World) -> None:
    """So that there is a freeze to end."""
    with bound(world.stage.network_id):
        today = date.today()
        freeze_entitlement(
            SYSTEM,
            world.stage.entitlement,
            frozen_on=today + timedelta(days=2),
            frozen_until=today + timedelta(days=9),
            reason="abroad",
            key="frozen",
        )


def package_line(world: World) -> int:
    """What the family's package has."""
    with bound(world.stage.network_id):
        return packages_for(SYSTEM).get(code="FAMILY").lines.get().pk


def give_address(world: World) -> None:
    """So that there is somebody to write to."""
    with bound(world.stage.network_id):
        world.stage.patient.email = "asha@rao.example"
        world.stage.patient.save(update_fields=["email"])


def owe_something(world: World) -> None:
    """So that there is something to net."""
    with bound(world.stage.network_id):
        owes, owed, amount = world.stage.cast["S"], world.stage.cast["P"], Money.parse("75.00", "USD")
        lines = [
            Posting(owes, Account.EQUITY, amount),
            Posting(owes, Account.DUE_TO, -amount, owed),
            Posting(owed, Account.DUE_FROM, amount, owes),
            Posting(owed, Account.EQUITY, -amount),
        ]
        post_journal(SYSTEM, owes, postings=lines, reason="Shared cleaning", key=uuid4().hex)


def retire(world: World) -> None:
    """So that the service can be taken into use again."""
    with bound(world.stage.network_id):
        one = services_for(SYSTEM).get(pk=world.records["service"])
        retire_service(SYSTEM, one, version=one.version)


def tomorrow() -> str:
    return (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


def last_month() -> str:
    return (timezone.now().date().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def ask_for_code(world: World) -> None:
    world.client(STRANGER).post("/account/sign-in/code/", {"email": world.stage.email("desk")})


def sent_code(world: World) -> Data:
    return {
        "code": world.client(STRANGER).session["account_login"]["state"]["stages"]["login_by_code"]["data"][
            "code"
        ]
    }


def open_reset(world: World) -> None:
    """The link of a reset puts its key into the session and leads to an address without it."""
    world.client(STRANGER).get(world.path("account_reset_password_from_key", ("user_key", "password_key")))
    world.records["password_key"] = "set-password"


def give_factor(world: World, persona: str) -> None:
    user = world.stage.cast.users[persona]
    TOTP.activate(user, generate_totp_secret())
    world.records["recovery_code"] = RecoveryCodes.activate(user).get_unused_codes()[0]


def recovery_code(world: World) -> Data:
    return {"code": world.records["recovery_code"]}


def meet_challenge(world: World) -> None:
    """As far as the password leads somebody with a second factor."""
    give_factor(world, DESK)
    world.client(STRANGER).post("/account/sign-in/", SIGN_IN)


def confirm_password(world: World) -> None:
    world.client(ADMINISTRATOR).post("/account/reauthenticate/", {"password": PASSWORD})


def confirm_with_factor(world: World) -> None:
    give_factor(world, ADMINISTRATOR)
    confirm_password(world)


def shown_code(world: World) -> Data:
    """What an app shows that read the key on the page."""
    return {"code": code_of(world.client(ADMINISTRATOR).session[SECRET_SESSION_KEY])}


def seen_move(world: World) -> Data:
    """A place and a reason, with the preview of just that seen before."""
    cast = world.stage.cast
    with bound(world.stage.network_id):
        seen = preview(cast.actor(ADMINISTRATOR), [cast["T"]], cast["S"]).fingerprint
        return {"parent": str(world.records["sub"]), "reason": "one region", "_seen": seen}


def seen_leave(world: World) -> Data:
    """The last day, the name and a reason, with the preview of just that seen before."""
    cast, leaver = world.stage.cast, world.stage.leaver
    today = timezone.now().date()
    with bound(world.stage.network_id):
        seen = leave_preview(cast.actor(ADMINISTRATOR), leaver, today).fingerprint
    return {"last_day": today.isoformat(), "name": leaver.name, "reason": "sold", "_seen": seen}


def chosen_to_move(world: World) -> Data:
    return {"organizations": [str(world.records["sibling"])]}


SIGN_IN = {"login": "desk@harbor.example", "password": PASSWORD}
NEW_PASSWORD = {"password1": "a much longer sentence", "password2": "a much longer sentence"}
CONTRACT = {"legal_basis": "services agreement", "starts_on": "2020-01-01"}
SHARE = {
    "mode": "shares",
    "party_1": "servicing",
    "unit_1": "percent",
    "amount_1": "70",
    "basis_1": "allocated_price",
    "legal_basis_1": "x",
}


#: A number that is dropped where it isn't asked, and a scale that begins at nought.
CONDITIONAL = ("a-cigarettes-a-day", "a-pain")
RATES = "date,from,to,rate,source\n2026-01-05,EUR,INR,90.5,a bank"
PRICE = {"starts_on": "2026-01-01", "buy": "110.00", "sell": "240.00"}


def a_pdf(world: World) -> Data:
    file = SimpleUploadedFile("report.pdf", PDF, "application/pdf")
    return {"file": file, "comment": "as asked", "row-0-name": "Hb", "row-0-value": "9.1"}


def a_questionnaire(world: World) -> Data:
    text = json.dumps(
        {"resourceType": "Questionnaire", "item": [{"linkId": "a", "text": "A?", "type": "text"}]}
    )
    return {"file": SimpleUploadedFile("form.json", text.encode(), "application/json")}


def a_package(world: World) -> Data:
    with bound(world.stage.network_id):
        text = write_package(source="Harbor Health", made_at="now", codes=["services"])
    return {"file": SimpleUploadedFile("content.json", text.encode(), "application/json")}


def a_file_of_organizations(world: World) -> Data:
    return {"file": SimpleUploadedFile("o.csv", b"code,name,parent_code\nNEW,New,P\n", "text/csv")}


def a_file_of_redemptions(world: World) -> Data:
    text = b"key,entitlement,service,quantity,date,organization\n1,NONE,CONSULT,1,2026-01-10,P\n"
    return {"file": SimpleUploadedFile("r.csv", text, "text/csv")}


def redeeming(world: World) -> None:
    """So that there is something to stop."""
    with bound(world.stage.network_id):
        start_redemptions(SYSTEM, redemption_imports(SYSTEM).get(pk=world.records["redemption_import"]))


def a_statement(world: World) -> Data:
    text = b"Date,Amount,Entry\n2026-05-04,10.00,1\n"
    return {
        "organization": str(world.records["sub"]),
        "counterparty": str(world.records["organization"]),
        "file": SimpleUploadedFile("may.csv", text, "text/csv"),
    }


def started(world: World) -> None:
    with bound(world.stage.network_id):
        statement = statements_for(SYSTEM).get(pk=world.records["statement"])
        start_statement(SYSTEM, statement, mapping=guessed(bytes(statement.content)))


def cancelled(world: World) -> None:
    started(world)
    with bound(world.stage.network_id):
        cancel_statement(SYSTEM, statements_for(SYSTEM).get(pk=world.records["statement"]))


def answer_everything(world: World) -> None:
    with bound(world.stage.network_id):
        for finding in findings_for(SYSTEM).filter(answer=""):
            answer_finding(SYSTEM, finding, answer="accepted", note="Agreed by phone.")


def sign_off(world: World) -> None:
    answer_everything(world)
    with bound(world.stage.network_id):
        one = reconciliations_for(SYSTEM).get(pk=world.records["reconciliation"])
        sign(SYSTEM, one, version=one.version)
