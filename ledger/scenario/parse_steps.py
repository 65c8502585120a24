"""Parsing the steps of a scenario, one reader for each kind."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from ledger.rules.accounts import Account
from ledger.rules.netting import Owed
from ledger.rules.refusals import RefusalCode
from ledger.scenario import schema
from ledger.scenario.declared import Declared
from ledger.scenario.parse_rules import parse_rule
from ledger.scenario.reading import Fields, Value

# What may be asked to be voided; whether it can be is for the product to say.
_EVENTS = (
    "sale", "top_up", "redeem", "void", "refund", "expire", "charge", "vendor_bill", "breakage", "journal", "net", "settle",
    "revalue",
)  # fmt: skip


def parse_step(value: Value, declared: Declared) -> schema.Step:
    """Read one step and declare its id for the steps after it.

    The id of a command is its idempotency key, so commands may repeat one; arithmetic may not.
    """
    kind, body = value.single()
    if kind == "refused":
        return _refused(body, declared)
    if kind in _ARITHMETIC:
        arithmetic = _ARITHMETIC[kind](body, declared)
        if arithmetic.id in declared.ids:
            raise body.wrong(f"the id {arithmetic.id} is used twice.")
        declared.ids[arithmetic.id] = kind
        if isinstance(arithmetic, schema.NetPositionsStep):
            declared.methods[arithmetic.id] = arithmetic.method
        return arithmetic
    step = _command(kind, body, declared, declares=True)
    if not isinstance(step, schema.Close | schema.ActivateRule | schema.Rate):
        declared.ids.setdefault(step.id, kind)
        if isinstance(step, schema.Sale):
            declared.sales.setdefault(step.id, step.package)
        elif isinstance(step, schema.TopUp):
            declared.sales.setdefault(step.id, declared.sales[step.sale])
    return step


def _command(kind: str, body: Value, declared: Declared, *, declares: bool) -> schema.Command:
    if kind == "rule":
        return schema.ActivateRule(body.line, parse_rule(body, declared, declares=declares))
    if kind not in _COMMANDS:
        raise body.wrong(
            f"there is no such step; known are {', '.join([*_COMMANDS, 'rule', *_ARITHMETIC, 'refused'])}."
        )
    return _COMMANDS[kind](body, declared)


def _refused(body: Value, declared: Declared) -> schema.Refused:
    row = body.fields("code step")
    kind, step = row["step"].single()
    if kind in _ARITHMETIC or kind == "refused":
        raise step.wrong("arithmetic and refusals cannot be refused.")
    return schema.Refused(
        body.line, row["code"].word(RefusalCode), _command(kind, step, declared, declares=False)
    )


def _head(body: Value, required: str, optional: str = "") -> tuple[Fields, str, date]:
    row = body.fields(f"id on {required}", optional)
    return row, row["id"].text(), row["on"].day()


def _sale(body: Value, declared: Declared) -> schema.Sale:
    row, id, on = _head(body, "package patient at", "quantity discount shared_with")
    package = declared.package(row["package"])
    currency = declared.packages[package].currency
    return schema.Sale(
        line=body.line,
        id=id,
        on=on,
        package=package,
        patient=row["patient"].text(),
        at=declared.organization(row["at"]),
        quantity=row["quantity"].integer(1) if "quantity" in row else 1,
        discount_minor=row["discount"].amount(currency) if "discount" in row else 0,
        shared_with=tuple(one.text() for one in row["shared_with"].items()) if "shared_with" in row else (),
    )


def _top_up(body: Value, declared: Declared) -> schema.TopUp:
    row, id, on = _head(body, "sale service quantity at", "discount")
    sale = declared.sale(row["sale"])
    currency = declared.packages[declared.sales[sale]].currency
    return schema.TopUp(
        line=body.line,
        id=id,
        on=on,
        sale=sale,
        service=declared.service(row["service"]),
        quantity=row["quantity"].integer(1),
        at=declared.organization(row["at"]),
        discount_minor=row["discount"].amount(currency) if "discount" in row else 0,
    )


def _redeem(body: Value, declared: Declared) -> schema.Redeem:
    row, id, on = _head(body, "sale service quantity at", "patient rest credit")
    if "credit" in row and "rest" not in row:
        raise row["credit"].wrong("credit pays a part of the price; say how the rest is paid.")
    sale = declared.sale(row["sale"])
    currency = declared.packages[declared.sales[sale]].currency
    return schema.Redeem(
        line=body.line,
        id=id,
        on=on,
        sale=sale,
        service=declared.service(row["service"]),
        quantity=row["quantity"].integer(1),
        at=declared.organization(row["at"]),
        patient=row["patient"].text() if "patient" in row else None,
        rest=row["rest"].text() if "rest" in row else None,
        credit_minor=row["credit"].amount(currency) if "credit" in row else None,
    )


def _void(body: Value, declared: Declared) -> schema.Void:
    row, id, on = _head(body, "of")
    return schema.Void(body.line, id, on, declared.id(row["of"], _EVENTS))


def _refund(body: Value, declared: Declared) -> schema.Refund:
    row, id, on = _head(body, "sale", "service quantity at")
    if ("service" in row) != ("quantity" in row):
        raise row.wrong("service and quantity come together, or the sale alone.")
    return schema.Refund(
        line=body.line,
        id=id,
        on=on,
        sale=declared.sale(row["sale"]),
        service=declared.service(row["service"]) if "service" in row else None,
        quantity=row["quantity"].integer(1) if "quantity" in row else None,
        at=declared.organization(row["at"]) if "at" in row else None,
    )


def _expire(body: Value, declared: Declared) -> schema.Expire:
    row, id, on = _head(body, "sale")
    return schema.Expire(body.line, id, on, declared.sale(row["sale"]))


def _charge(body: Value, declared: Declared) -> schema.Charge:
    row, id, on = _head(body, "service quantity patient at")
    return schema.Charge(
        line=body.line,
        id=id,
        on=on,
        service=declared.service(row["service"]),
        quantity=row["quantity"].integer(1),
        patient=row["patient"].text(),
        at=declared.organization(row["at"]),
    )


def _vendor_bill(body: Value, declared: Declared) -> schema.VendorBill:
    row, id, on = _head(body, "vendor at service amount")
    at = declared.organization(row["at"])
    return schema.VendorBill(
        line=body.line,
        id=id,
        on=on,
        vendor=declared.organization(row["vendor"]),
        at=at,
        service=declared.service(row["service"]),
        amount_minor=row["amount"].amount(declared.currency_of(at)),
    )


def _breakage(body: Value, declared: Declared) -> schema.Breakage:
    row, id, on = _head(body, "package expected_percent")
    percent = row["expected_percent"].fraction()
    if percent >= 100:
        raise row["expected_percent"].wrong("it must be below 100.")
    return schema.Breakage(body.line, id, on, declared.package(row["package"]), percent)


def _journal(body: Value, declared: Declared) -> schema.Journal:
    row, id, on = _head(body, "lines")
    lines = tuple(_journal_line(line, declared) for line in row["lines"].items())
    return schema.Journal(body.line, id, on, lines)


def _journal_line(value: Value, declared: Declared) -> schema.JournalLine:
    row = value.fields("organization account amount", "counterparty currency")
    organization = declared.organization(row["organization"])
    currency = declared.currency_of(organization)
    if "currency" in row:
        currency = row["currency"].currency()
    return schema.JournalLine(
        line=value.line,
        organization=organization,
        account=row["account"].word(Account),
        currency=currency,
        amount_minor=row["amount"].amount(currency, signed=True),
        counterparty=declared.organization(row["counterparty"]) if "counterparty" in row else None,
    )


def _net(body: Value, declared: Declared) -> schema.Net:
    row, id, on = _head(body, "method organizations")
    organizations = declared.organizations_of(row["organizations"])
    if len(organizations) < 2:
        raise row["organizations"].wrong("netting takes at least two organizations.")
    return schema.Net(body.line, id, on, row["method"].word(schema.NettingMethod), organizations)


def _settle(body: Value, declared: Declared) -> schema.Settle:
    row, id, on = _head(body, "of")
    return schema.Settle(body.line, id, on, declared.id(row["of"], ("net",)))


def _rate(body: Value, declared: Declared) -> schema.Rate:
    row = body.fields("on from to rate")
    base, quote = row["from"].currency(), row["to"].currency()
    if base == quote:
        raise row["to"].wrong("a rate is between two currencies.")
    text = row["rate"].decimal()
    row["rate"].fraction()
    if not Decimal(text):
        raise row["rate"].wrong("a rate is more than zero.")
    return schema.Rate(body.line, row["on"].day(), base, quote, Decimal(text))


def _revalue(body: Value, declared: Declared) -> schema.Revalue:
    row, id, on = _head(body, "", "organization")
    organization = declared.organization(row["organization"]) if "organization" in row else None
    return schema.Revalue(body.line, id, on, organization)


def _close(body: Value, declared: Declared) -> schema.Close:
    row = body.fields("month", "organization")
    organization = declared.organization(row["organization"]) if "organization" in row else None
    return schema.Close(body.line, row["month"].month(), organization)


def _split(body: Value, declared: Declared) -> schema.SplitStep:
    row = body.fields("id amount weights")
    weights = {party: weight.fraction() for party, weight in row["weights"].pairs()}
    if not any(weights.values()):
        raise row["weights"].wrong("some weight must be above zero.")
    amount = row["amount"].amount(declared.currency, signed=True)
    return schema.SplitStep(body.line, row["id"].text(), amount, weights)


def _recognize(body: Value, declared: Declared) -> schema.RecognizeStep:
    row = body.fields("id amount steps")
    estimates: list[tuple[int, int]] = []
    for value in row["steps"].items():
        estimate = value.fields("used of")
        of = estimate["of"].integer(1)
        estimates.append((estimate["used"].integer(0, of), of))
    amount = row["amount"].amount(declared.currency)
    return schema.RecognizeStep(body.line, row["id"].text(), amount, tuple(estimates))


def _net_positions(body: Value, declared: Declared) -> schema.NetPositionsStep:
    row = body.fields("id method owed")
    owed: list[Owed] = []
    for value in row["owed"].items():
        debt = value.fields("from to amount")
        payer, receiver = debt["from"].text(), debt["to"].text()
        if payer == receiver:
            raise debt.wrong(f"{payer} owes nothing to itself.")
        owed.append(Owed(payer, receiver, debt["amount"].amount(declared.currency)))
    method = row["method"].word(schema.NettingMethod)
    return schema.NetPositionsStep(body.line, row["id"].text(), method, tuple(owed))


_COMMANDS: dict[str, Callable[[Value, Declared], schema.Command]] = {
    "sale": _sale,
    "top_up": _top_up,
    "redeem": _redeem,
    "void": _void,
    "refund": _refund,
    "expire": _expire,
    "charge": _charge,
    "vendor_bill": _vendor_bill,
    "breakage": _breakage,
    "journal": _journal,
    "net": _net,
    "settle": _settle,
    "rate": _rate,
    "revalue": _revalue,
    "close": _close,
}

_ARITHMETIC: dict[str, Callable[[Value, Declared], schema.Arithmetic]] = {
    "split": _split,
    "recognize": _recognize,
    "net_positions": _net_positions,
}
