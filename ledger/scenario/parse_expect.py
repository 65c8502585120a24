"""Parsing what a scenario expects, one reader for each kind."""

from collections.abc import Callable
from datetime import date

from ledger.rules.accounts import Account
from ledger.rules.books import TRANSLATION_DIFFERENCE
from ledger.scenario import schema
from ledger.scenario.declared import Declared
from ledger.scenario.reading import Fields, Value


def parse_expectation(value: Value, declared: Declared) -> schema.Expectation:
    """Read one expectation."""
    kind, body = value.single()
    if kind not in _READERS:
        raise body.wrong(f"nothing like this can be expected; known are {', '.join(_READERS)}.")
    return _READERS[kind](body, declared)


def _as_of(row: Fields) -> date | None:
    return row["as_of"].day() if "as_of" in row else None


def _balance(body: Value, declared: Declared) -> schema.BalanceExpected:
    row = body.fields("organization account amount", "counterparty currency as_of")
    organization = declared.organization(row["organization"])
    currency = row["currency"].currency() if "currency" in row else declared.currency_of(organization)
    return schema.BalanceExpected(
        line=body.line,
        organization=organization,
        account=row["account"].word(Account),
        amount_minor=row["amount"].amount(currency, signed=True),
        currency=currency,
        counterparty=declared.organization(row["counterparty"]) if "counterparty" in row else None,
        as_of=_as_of(row),
    )


def _entitlement(body: Value, declared: Declared) -> schema.EntitlementExpected:
    row = body.fields("sale service left", "as_of")
    sale, service = declared.sale(row["sale"]), declared.service(row["service"])
    package = declared.packages[declared.sales[sale]]
    if service not in {line.service for line in package.lines}:
        raise row["service"].wrong(f"the package {package.code} of the sale {sale} has no {service}.")
    return schema.EntitlementExpected(body.line, sale, service, row["left"].integer(0), _as_of(row))


def _consolidated(body: Value, declared: Declared) -> schema.ConsolidatedExpected:
    return schema.ConsolidatedExpected(body.line, *_statement_cell(body, declared))


def _eliminated(body: Value, declared: Declared) -> schema.EliminatedExpected:
    return schema.EliminatedExpected(body.line, *_statement_cell(body, declared))


def _statement_cell(body: Value, declared: Declared) -> tuple[str, Account, int, date | None]:
    row = body.fields("of account amount", "as_of")
    of = declared.organization(row["of"])
    amount = row["amount"].amount(declared.currency_of(of), signed=True)
    return of, row["account"].word(Account), amount, _as_of(row)


def _translated(body: Value, declared: Declared) -> schema.TranslatedExpected:
    row = body.fields("of account in amount as_of")
    currency, account = row["in"].currency(), row["account"].text()
    if account != TRANSLATION_DIFFERENCE:
        account = row["account"].word(Account).value
    return schema.TranslatedExpected(
        line=body.line,
        of=declared.organization(row["of"]),
        account=account,
        currency=currency,
        amount_minor=row["amount"].amount(currency, signed=True),
        as_of=row["as_of"].day(),
    )


def _result(body: Value, declared: Declared) -> schema.ResultExpected:
    row = body.fields("of equals")
    of = declared.id(row["of"], ("split", "recognize", "net_positions", "net"))
    kind, equals = declared.ids[of], row["equals"]

    def amount(value: Value) -> int:
        return value.amount(declared.currency, signed=True)

    if kind == "recognize":
        return schema.ResultExpected(body.line, of, tuple(amount(value) for value in equals.items()))
    pairs = equals.pairs()
    payments = kind == "net" or declared.methods.get(of) == schema.NettingMethod.BILATERAL
    for name, value in pairs:
        payer, arrow, receiver = name.partition("->")
        if payments and not (payer and arrow and receiver):
            raise value.wrong('a payment is named "payer->receiver".')
        if kind == "net" and not {payer, receiver} <= declared.organizations.keys():
            raise value.wrong("there are no such organizations declared.")
    return schema.ResultExpected(body.line, of, {name: amount(value) for name, value in pairs})


def _trial_balance(body: Value, declared: Declared) -> schema.TrialBalanceExpected:
    row = body.fields("organization balances", "as_of")
    organization = declared.organization(row["organization"])
    return schema.TrialBalanceExpected(body.line, organization, row["balances"].boolean(), _as_of(row))


_READERS: dict[str, Callable[[Value, Declared], schema.Expectation]] = {
    "balance": _balance,
    "entitlement": _entitlement,
    "consolidated": _consolidated,
    "eliminated": _eliminated,
    "translated": _translated,
    "result": _result,
    "trial_balance": _trial_balance,
}
