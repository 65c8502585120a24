"""Outcomes: read from plain data, written back, and refused when they may not be activated."""

from typing import Any

import pytest

from ledger.rules.outcome import check_outcome, decimal_text, parse_decimal, read_outcome, write_outcome
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.terms import Basis, Event, Outcome, Presentation
from tests.ledger.rules.books import CAST, fixed, percent, remainder

SHARES = {"shares": [{"party": "servicing", "percent": "70", "basis": "allocated_price"}]}
LEGAL = {"legal_basis": "services performed"}


def refusal(event: Event, data: dict[str, Any]) -> Refusal | None:
    try:
        check_outcome(event, read_outcome(data, "INR"), CAST)
    except Refusal as refused:
        return refused
    return None


def test_a_rule_level_legal_basis_serves_the_shares_that_name_none() -> None:
    read = read_outcome(
        {
            "payer": "parent",
            "presentation": "principal",
            "legal_basis": "services performed",
            "shares": [
                {"party": "servicing", "percent": "33.3333", "basis": "allocated_price"},
                {"party": "S", "fixed": "12.50", "legal_basis": "room hire"},
                {"party": "holder", "remainder": True, "basis": "allocated_price"},
            ],
        },
        "INR",
    )
    assert [share.legal_basis for share in read.shares] == [
        "services performed",
        "room hire",
        "services performed",
    ]
    assert read.shares[0] == percent("servicing", "33.3333")
    assert read.shares[1].fixed_minor == 1250
    assert read.shares[2] == remainder("holder")
    assert (read.payer, read.currency) == ("parent", "INR")


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(),
        Outcome(payer="holder", transfer=percent("servicing", "12.5", Basis.LIST_PRICE)),
        Outcome(shares=(percent("servicing", 70), remainder("P")), presentation=Presentation.AGENT),
        Outcome(shares=(fixed("Q", 1666),), currency="KWD"),
        Outcome(shares=(fixed("Q", 100),), currency="JPY"),
    ],
)
def test_what_is_written_reads_back(outcome: Outcome) -> None:
    read = read_outcome(write_outcome(outcome), "INR")
    assert read == outcome


@pytest.mark.parametrize(
    "data",
    [
        {"shares": [{"percent": "70", "basis": "allocated_price"}]},
        {"shares": [{"party": "Q", "percent": 70.0, "basis": "allocated_price"}]},
        {"shares": [{"party": "Q", "percent": "7e1", "basis": "allocated_price"}]},
        {"shares": [{"party": "Q", "percent": "-1", "basis": "allocated_price"}]},
        {"shares": [{"party": "Q", "percent": "70", "basis": "gross"}]},
        {"shares": [{"party": "Q", "fixed": "1.005"}]},
        {"shares": [{"party": "Q", "percent": "70", "of": "allocated_price"}]},
        {"presentation": "broker"},
        {"pays": "P"},
    ],
)
def test_malformed_data_is_refused_in_words(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w+ "):
        read_outcome(data, "INR")


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (Event.REDEMPTION, {}),
        (Event.REDEMPTION, {"transfer": {"percent": "80", "basis": "allocated_price"}}),
        (Event.REDEMPTION, {"transfer": {"percent": "10", "basis": "list_price"}, "payer": "Q"}),
        (Event.REDEMPTION, SHARES | LEGAL),
        (Event.REDEMPTION, SHARES | LEGAL | {"presentation": "agent"}),
        (Event.REDEMPTION, SHARES | LEGAL | {"presentation": "agent", "payer": "holder"}),
        (Event.SALE, {"shares": [{"party": "servicing", "percent": "5", "basis": "sale_price"}]} | LEGAL),
        (Event.CHARGE, {"transfer": {"percent": "100", "basis": "list_price"}, "payer": "parent"}),
        (Event.SERVICE_REQUEST, {"payer": "parent"}),
    ],
)
def test_sound_outcomes_may_be_activated(event: Event, data: dict[str, Any]) -> None:
    assert refusal(event, data) is None


@pytest.mark.parametrize(
    ("event", "data", "says"),
    [
        (Event.REDEMPTION, SHARES | LEGAL | {"transfer": {"percent": "1", "basis": "list_price"}}, "either"),
        (Event.REDEMPTION, {"transfer": {}}, "percentage, a fixed amount"),
        (Event.REDEMPTION, {"transfer": {"percent": "5"}}, "need a basis"),
        (Event.REDEMPTION, {"transfer": {"percent": "100.01", "basis": "list_price"}}, "exceed 100 %"),
        (Event.REDEMPTION, {"transfer": {"percent": "5", "basis": "sale_price"}}, "event sale only"),
        (Event.CHARGE, {"transfer": {"percent": "5", "basis": "sale_price"}}, "event sale only"),
        (Event.SALE, {"transfer": {"percent": "5", "basis": "allocated_price"}}, "a sale has none"),
        (Event.SERVICE_REQUEST, {"transfer": {"percent": "5", "basis": "list_price"}}, "paid what it bills"),
        (Event.CHARGE, {"payer": "holder"}, "has no holder"),
        (Event.REDEMPTION, {"payer": "servicing"}, "payer is"),
        (Event.REDEMPTION, {"payer": "NOWHERE"}, "no organization NOWHERE"),
        (Event.REDEMPTION, {"payer": "X"}, "pays no share"),
        (
            Event.REDEMPTION,
            {"shares": [{"party": "X", "percent": "5", "basis": "list_price"}]} | LEGAL,
            "gets no share",
        ),
        (
            Event.REDEMPTION,
            {"shares": [{"party": "S", "percent": "60", "basis": "list_price"}] * 2} | LEGAL,
            "exceed 100 %",
        ),
        (
            Event.REDEMPTION,
            {"shares": [{"party": "S", "remainder": True, "basis": "list_price"}] * 2} | LEGAL,
            "Only one share",
        ),
        (
            Event.REDEMPTION,
            {"shares": [*SHARES["shares"], {"party": "S", "remainder": True, "basis": "list_price"}]} | LEGAL,
            "all shares have its basis",
        ),
        (Event.CHARGE, SHARES | LEGAL | {"presentation": "agent"}, "Only a redemption"),
        (Event.REDEMPTION, {"presentation": "agent"}, "exactly one share"),
        (
            Event.REDEMPTION,
            {
                "shares": [{"party": "parent", "percent": "5", "basis": "allocated_price"}],
                "presentation": "agent",
            }
            | LEGAL,
            "exactly one share",
        ),
        (
            Event.REDEMPTION,
            {
                "shares": [{"party": "servicing", "percent": "5", "basis": "list_price"}],
                "presentation": "agent",
            }
            | LEGAL,
            "basis allocated_price",
        ),
    ],
)
def test_unsound_outcomes_are_not_permitted(event: Event, data: dict[str, Any], says: str) -> None:
    refused = refusal(event, data)
    assert refused is not None
    assert refused.code is RefusalCode.NOT_PERMITTED
    assert says in refused.message


@pytest.mark.parametrize("legal", [{}, {"legal_basis": ""}, {"legal_basis": "  "}])
def test_a_share_without_a_legal_basis_is_a_referral_share(legal: dict[str, str]) -> None:
    refused = refusal(Event.REDEMPTION, SHARES | legal)
    assert refused is not None
    assert refused.code is RefusalCode.REFERRAL_SHARE


def test_what_is_not_permitted_wins_over_a_referral_share() -> None:
    refused = refusal(Event.CHARGE, SHARES | {"payer": "X"})
    assert refused is not None
    assert refused.code is RefusalCode.NOT_PERMITTED


@pytest.mark.parametrize("text", ["70", "0", "33.3333", "0.1", "12.5", "100"])
def test_decimals_read_and_write_exactly(text: str) -> None:
    assert decimal_text(parse_decimal(text)) == text


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e2", ".5", "5.", "1,5", "٣", "1" * 13, "0." + "1" * 13])
def test_other_decimals_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_decimal(text)
