"""A cast of organizations, a way to read an entry, and an independent check of balance and mirror."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from fractions import Fraction

from ledger.rules.distribution import Amounts, Distribution, Parties, distribute
from ledger.rules.lines import Kind, Line, Organization
from ledger.rules.terms import Basis, Conditions, Event, Outcome, Presentation, Rule, Share


def organization(
    id: int,
    code: str,
    kind: str,
    *path: str,
    group: int = 1,
    currency: str = "INR",
) -> Organization:
    return Organization(id, code, Kind(kind), group, currency, (*path, code))


P = organization(1, "P", "parent")
S = organization(2, "S", "sub", "P")
Q = organization(3, "Q", "partner", "P", group=3)
X = organization(4, "X", "third_party", "P")
T = organization(5, "T", "sub", "P", "S")  # below S
QS = organization(6, "QS", "sub", "P", "Q", group=3)
R = organization(7, "R", "partner", "P", "S", group=7)
CAST = {each.code: each for each in (P, S, Q, X, T, QS, R)}
CODES = {each.id: each.code for each in CAST.values()}


def shown(lines: Iterable[Line]) -> list[str]:
    """Lines as "S due_from(P) 240.00", sorted."""
    texts = []
    for each in lines:
        named = f"({CODES[each.counterparty_id]})" if each.counterparty_id else ""
        minor = abs(each.amount_minor)
        sign = "-" if each.amount_minor < 0 else ""
        texts.append(
            f"{CODES[each.organization_id]} {each.account}{named} {sign}{minor // 100}.{minor % 100:02}"
        )
    return sorted(texts)


def assert_sound(lines: Iterable[Line], cast: Iterable[Organization] = CAST.values()) -> None:
    """Check an entry against the text of the specification, sharing no code with the builders."""
    by_id = {each.id: each for each in cast}
    balance: Counter[tuple[int, str]] = Counter()
    mirrored: defaultdict[tuple[str, frozenset[int], str, tuple[int, ...]], int] = defaultdict(int)
    for each in lines:
        assert type(each.amount_minor) is int
        assert each.amount_minor != 0
        assert by_id[each.organization_id].kind != "third_party", "a third party keeps no books"
        assert each.counterparty_id != each.organization_id, "nobody owes oneself"
        balance[each.organization_id, each.currency] += each.amount_minor
        named = by_id.get(each.counterparty_id or 0)
        starred = {
            "due_from", "due_to", "accounts_payable", "netting_clearing", "commission_revenue",
            "intercompany_revenue", "intercompany_cost", "partner_share_cost", "partner_commission_cost",
            "vendor_cost",
        }  # fmt: skip
        if each.account in starred:
            assert named is not None, each
        elif each.account != "service_revenue":
            assert named is None, each
        if named is None:
            continue
        to_third_party = named.kind == "third_party"
        assert to_third_party == (each.account in {"accounts_payable", "vendor_cost"}), each
        if to_third_party:
            continue
        pair = frozenset({each.organization_id, named.id})
        if each.account in {"due_from", "due_to"}:
            owed_to = each.organization_id if each.account == "due_from" else named.id
            mirrored["due", pair, each.currency, (owed_to,)] += each.amount_minor
        else:
            mirrored["profit and loss", pair, each.currency, ()] += each.amount_minor
    assert not any(balance.values()), f"unbalanced: {balance}"
    assert not any(mirrored.values()), f"not mirrored: {dict(mirrored)}"


def percent(party: str, of: int | str, basis: Basis = Basis.ALLOCATED_PRICE) -> Share:
    return Share(party, percent=Fraction(of), basis=basis, legal_basis="services performed")


def fixed(party: str, minor: int) -> Share:
    return Share(party, fixed_minor=minor, legal_basis="services performed")


def remainder(party: str, basis: Basis = Basis.ALLOCATED_PRICE) -> Share:
    return Share(party, remainder=True, basis=basis, legal_basis="services performed")


def rule(
    event: Event,
    *shares: Share,
    payer: str | None = None,
    transfer: Share | None = None,
    agent: bool = False,
    code: str = "the-rule",
) -> Rule:
    presentation = Presentation.AGENT if agent else Presentation.PRINCIPAL
    return Rule(code, event, Conditions(), Outcome(payer, transfer, shares, presentation, "INR"))


def distributed(
    of: Rule,
    servicing: Organization,
    amounts: Amounts,
    holder: Organization | None = None,
    ordering: Organization | None = None,
) -> Distribution:
    return distribute(of, Parties(servicing, P, holder, ordering, CAST), amounts)


def redeeming(quantity: int, allocated: int, listed: int = 0) -> Amounts:
    return Amounts("INR", quantity, allocated_minor=allocated, list_minor=listed)
