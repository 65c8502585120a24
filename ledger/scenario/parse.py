"""Parsing a scenario file: the declarations, then the steps and what is expected of them."""

from pathlib import Path

from ledger.rules.lines import Kind
from ledger.rules.tax import TaxPoint
from ledger.rules.terms import ROLES
from ledger.scenario.declared import Declared
from ledger.scenario.parse_expect import parse_expectation
from ledger.scenario.parse_rules import parse_rule
from ledger.scenario.parse_steps import parse_step
from ledger.scenario.parse_tax import declare_tax_code
from ledger.scenario.reading import MAX_CHARACTERS, Fields, Malformed, Value, read_yaml
from ledger.scenario.schema import (
    ExpiryPolicy,
    OrganizationDeclared,
    PackageDeclared,
    PackageLine,
    RefundPolicy,
    Scenario,
    ServiceDeclared,
    Use,
)


def parse_file(path: Path) -> Scenario:
    """Parse the scenario in a file; raises Malformed, or OSError when it cannot be read."""
    with path.open("rb") as file:
        data = file.read(4 * MAX_CHARACTERS + 1)  # a character has at most four bytes
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Malformed(line, "The file is not UTF-8 text.") from None
    return parse_scenario(text)


def parse_scenario(text: str) -> Scenario:
    """Parse the text of a scenario; raises Malformed naming the line, and nothing else."""
    top = read_yaml(text).fields(
        "name currency", "organizations tax_codes tax_point services packages rules steps expect"
    )
    declared = Declared(top["currency"].currency())
    organizations = _organizations(_list(top, "organizations"), declared)
    for value in _list(top, "tax_codes"):
        declare_tax_code(value, declared)
    for value in _list(top, "services"):
        _declare_service(value, declared)
    for value in _list(top, "packages"):
        _declare_package(value, declared)
    rules = tuple(parse_rule(value, declared) for value in _list(top, "rules"))
    steps = tuple(parse_step(value, declared) for value in _list(top, "steps"))
    return Scenario(
        name=top["name"].text(),
        currency=declared.currency,
        organizations=organizations,
        services=tuple(declared.services.values()),
        packages=tuple(declared.packages.values()),
        rules=rules,
        steps=steps,
        expect=tuple(parse_expectation(value, declared) for value in _list(top, "expect")),
        tax_codes=tuple(declared.tax_codes.values()),
        tax_point=top["tax_point"].word(TaxPoint) if "tax_point" in top else None,
    )


def _list(top: Fields, name: str) -> list[Value]:
    value = top.get(name)
    return value.items() if value else []


def _organizations(values: list[Value], declared: Declared) -> tuple[OrganizationDeclared, ...]:
    """Declare the tree; return it parents first."""
    for value in values:
        row = value.fields("code kind", "under currency")
        code = row["code"].text()
        if code in declared.organizations:
            raise row["code"].wrong(f"the organization {code} is declared twice.")
        if code in ROLES:
            raise row["code"].wrong(f"{code} is a word of the rules and no code of an organization.")
        declared.organizations[code] = OrganizationDeclared(
            line=value.line,
            code=code,
            kind=row["kind"].word(Kind),
            under=row["under"].text() if "under" in row else None,
            currency=row["currency"].currency() if "currency" in row else declared.currency,
        )
    _check_tree(declared.organizations)
    ordered: dict[str, OrganizationDeclared] = {}
    while len(ordered) < len(declared.organizations):
        ready = {
            code: each
            for code, each in declared.organizations.items()
            if code not in ordered and (each.under is None or each.under in ordered)
        }
        if not ready:
            stuck = next(each for code, each in declared.organizations.items() if code not in ordered)
            raise Malformed(stuck.line, f"The organization {stuck.code} is under itself.")
        ordered |= ready
    return tuple(ordered.values())


def _check_tree(organizations: dict[str, OrganizationDeclared]) -> None:
    root: OrganizationDeclared | None = None
    for each in organizations.values():
        if each.kind is Kind.PARENT:
            if root:
                raise Malformed(each.line, f"There are two parents, {root.code} and {each.code}.")
            if each.under:
                raise Malformed(each.line, f"The parent {each.code} is under no other organization.")
            root = each
        elif each.under is None:
            raise Malformed(each.line, f"under is missing: {each.code} lies under another organization.")
        elif each.under not in organizations:
            raise Malformed(each.line, f"there is no organization {each.under} declared.")
        elif organizations[each.under].kind is Kind.THIRD_PARTY:
            raise Malformed(each.line, f"Nothing lies under a third party such as {each.under}.")
    if organizations and root is None:
        raise Malformed(next(iter(organizations.values())).line, "There is no parent organization.")


def _declare_service(value: Value, declared: Declared) -> None:
    row = value.fields("code list_price", "category tax")
    code = row["code"].text()
    if code in declared.services:
        raise row["code"].wrong(f"the service {code} is declared twice.")
    declared.services[code] = ServiceDeclared(
        line=value.line,
        code=code,
        list_price_minor=row["list_price"].amount(declared.currency),
        category=row["category"].text() if "category" in row else None,
        tax=declared.tax_code(row["tax"]) if "tax" in row else None,
    )


def _declare_package(value: Value, declared: Declared) -> None:
    row = value.fields(
        "code price lines", "holder refund refund_fee expiry valid_days sell_at redeem_at use people"
    )
    if ("use" in row) != ("people" in row):
        raise row.wrong("use and people come together; without them a package is for one person.")
    code = row["code"].text()
    if code in declared.packages:
        raise row["code"].wrong(f"the package {code} is declared twice.")
    holder = declared.organization(row["holder"]) if "holder" in row else None
    if holder and declared.organizations[holder].kind is Kind.THIRD_PARTY:
        raise row["holder"].wrong(f"{holder} is a third party; it keeps no books and holds no contract.")
    currency = declared.currency_of(holder) if holder else declared.currency
    refund = row["refund"].word(RefundPolicy) if "refund" in row else RefundPolicy.ALLOCATED_PRICE
    if "refund_fee" in row and refund is not RefundPolicy.ALLOCATED_PRICE_LESS_FEE:
        raise row["refund_fee"].wrong(
            f"a fee belongs to the refund policy {RefundPolicy.ALLOCATED_PRICE_LESS_FEE}."
        )
    price = row["price"].amount(currency)
    lines = _package_lines(row["lines"], currency, declared)
    if price and not any(line.standalone_minor for line in lines):
        raise row["lines"].wrong("some stand-alone price must be above zero to allocate the price.")
    declared.packages[code] = PackageDeclared(
        line=value.line,
        code=code,
        currency=currency,
        price_minor=price,
        lines=lines,
        holder=holder,
        refund=refund,
        refund_fee_minor=row["refund_fee"].amount(currency) if "refund_fee" in row else 0,
        expiry=row["expiry"].word(ExpiryPolicy) if "expiry" in row else ExpiryPolicy.BREAKAGE_REVENUE,
        valid_days=row["valid_days"].integer(1, 100_000) if "valid_days" in row else None,
        sell_at=declared.organizations_of(row["sell_at"]) if "sell_at" in row else None,
        redeem_at=declared.organizations_of(row["redeem_at"]) if "redeem_at" in row else None,
        use=row["use"].word(Use) if "use" in row else None,
        people=row["people"].integer(2, 10_000) if "people" in row else 1,
    )


def _package_lines(values: Value, currency: str, declared: Declared) -> tuple[PackageLine, ...]:
    lines: dict[str, PackageLine] = {}
    for value in values.items():
        if "credit" in dict(value.pairs()):
            credit = _credit_line(value, currency, declared)
            if credit.code in lines:
                raise value.wrong("such credit comes twice in the package.")
            lines[credit.code] = credit
            continue
        row = value.fields("service quantity", "standalone_price")
        service = declared.service(row["service"])
        if service in lines:
            raise row["service"].wrong(f"{service} comes twice in the package.")
        if "standalone_price" in row:
            standalone = row["standalone_price"].amount(currency)
        elif currency == declared.currency:
            standalone = declared.services[service].list_price_minor
        else:
            raise row.wrong(f"standalone_price is missing; the list price is not in {currency}.")
        lines[service] = PackageLine(value.line, service, row["quantity"].integer(1), standalone)
    if not lines:
        raise values.wrong("a package has at least one line.")
    return tuple(lines.values())


def _credit_line(value: Value, currency: str, declared: Declared) -> PackageLine:
    row = value.fields("credit", "category")
    amount = row["credit"].amount(currency)
    if amount <= 0:
        raise row["credit"].wrong("credit is more than zero.")
    category = declared.category(row["category"]) if "category" in row else ""
    return PackageLine(value.line, None, amount, 1, category)
