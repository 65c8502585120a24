"""What is answered once for equal events of a day is what each would be answered alone."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.queries.answer import Deal, RememberedRulings, Rulings
from ledger.rules.refusals import Refusal
from ledger.rules.terms import Basis, Conditions, Event, Measure, Outcome, Per, Share, Tier, Volume
from tests.ledger.market import DAY

ASKED = st.lists(
    st.tuples(
        st.sampled_from(["P", "S", "Q"]),
        st.sampled_from(["CONSULT", "PHYSIO"]),
        st.sampled_from([None, "CHECKUP", "COURSE"]),
        st.integers(1, 2),
        st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 3)]),
        st.sampled_from([1_00, 999_99]),
    ),
    min_size=2,
    max_size=12,
)


def rules(market) -> None:
    listed = Share("servicing", percent=Fraction(40), basis=Basis.LIST_PRICE)
    market.add_rule("listed", when=Conditions(servicing="S"), outcome=Outcome(transfer=listed))
    tiers = (Tier(percent=Fraction(50), up_to=2), Tier(percent=Fraction(90)))
    tiered = Share("servicing", basis=Basis.ALLOCATED_PRICE, tiers=tiers)
    volume = Volume(Measure.UNITS, Per.MONTH)
    market.add_rule(
        "tiered",
        when=Conditions(servicing="S", package="COURSE"),
        outcome=Outcome(transfer=tiered, volume=volume),
    )


def answered(rulings: Rulings, deal: Deal, quantity: int, allocated: int):
    try:
        answer = rulings.answer(deal, quantity=quantity, allocated_minor=allocated)
    except Refusal as refusal:
        return refusal.code, refusal.message
    given = answer.distribution.payments if answer.distribution else ()
    paid = [(one.receiver.code, one.amount_minor) for one in given]
    return answer.inputs, paid, rulings.rates.inputs


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=ASKED)
def test_what_is_remembered_is_what_is_answered_alone(market, asked):
    if "ruled" not in market.__dict__:
        rules(market)
        market.__dict__["ruled"] = True
    ids = [market.world[code].pk for code in ("P", "S", "Q")]
    remembered = RememberedRulings(Event.REDEMPTION, DAY, ids, volumes={})
    for place, service, package, quantity, part, allocated in asked:
        performed = market.services[service]
        deal = Deal(
            event=Event.REDEMPTION,
            on=DAY,
            servicing_id=market.world[place].pk,
            holder_id=market.world["P"].pk,
            service=service,
            category=performed.category,
            package=package,
            units=((performed.pk, quantity),),
            part=part,
        )
        alone = Rulings(Event.REDEMPTION, DAY, ids)
        remembered.begin()
        assert answered(remembered, deal, quantity, allocated) == answered(alone, deal, quantity, allocated)
