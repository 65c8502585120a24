"""Parsing the tax codes of a scenario file."""

from datetime import date
from fractions import Fraction

from ledger.rules.tax import Method
from ledger.scenario.declared import Declared
from ledger.scenario.reading import Value
from ledger.scenario.schema import TaxCodeDeclared


def declare_tax_code(value: Value, declared: Declared) -> None:
    """Declare {code, method, rates: [{from, percent}]}; what is exempt has no rates."""
    row = value.fields("code method", "rates")
    code, method = row["code"].text(), row["method"].word(Method)
    if code in declared.tax_codes:
        raise row["code"].wrong(f"the tax code {code} is declared twice.")
    if method is not Method.EXEMPT and "rates" not in row:
        raise row.wrong(f"rates is missing; a tax that is {method} has one.")
    rates: list[tuple[date, Fraction]] = []
    for rate in row["rates"].items() if "rates" in row else []:
        if method is Method.EXEMPT:
            raise rate.wrong("what is exempt has no rate.")
        said = rate.fields("from percent")
        percent, since = said["percent"].fraction(), said["from"].day()
        if percent > 100:
            raise said["percent"].wrong("it is at most 100.")
        if rates and since <= rates[-1][0]:
            raise said["from"].wrong("the rates come in the order of their days.")
        rates.append((since, percent))
    declared.tax_codes[code] = TaxCodeDeclared(value.line, code, method, tuple(rates))
