"""What a file has declared so far: the only codes and ids that the rest of it may speak of."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.scenario.reading import Value
from ledger.scenario.schema import OrganizationDeclared, PackageDeclared, ServiceDeclared, TaxCodeDeclared


@dataclass(slots=True)
class Declared:
    """The names in reach, with the currency of amounts that belong to no organization."""

    currency: str
    organizations: dict[str, OrganizationDeclared] = field(default_factory=dict)
    tax_codes: dict[str, TaxCodeDeclared] = field(default_factory=dict)
    services: dict[str, ServiceDeclared] = field(default_factory=dict)
    packages: dict[str, PackageDeclared] = field(default_factory=dict)
    rules: set[str] = field(default_factory=set)
    ids: dict[str, str] = field(default_factory=dict)  # id -> kind of step, the first that bears it
    sales: dict[str, str] = field(default_factory=dict)  # id -> package
    methods: dict[str, str] = field(default_factory=dict)  # id of a net_positions -> method

    def organization(self, value: Value) -> str:
        """Return the code of a declared organization."""
        return _known(value, self.organizations, "organization")

    def organizations_of(self, value: Value) -> tuple[str, ...]:
        """Return a list of different declared organizations."""
        codes = [self.organization(each) for each in value.items()]
        for code in codes:
            if codes.count(code) > 1:
                raise value.wrong(f"{code} comes twice.")
        return tuple(codes)

    def service(self, value: Value) -> str:
        """Return the code of a declared service."""
        return _known(value, self.services, "service")

    def tax_code(self, value: Value) -> str:
        """Return the code of a declared tax."""
        return _known(value, self.tax_codes, "tax code")

    def package(self, value: Value) -> str:
        """Return the code of a declared package."""
        return _known(value, self.packages, "package")

    def category(self, value: Value) -> str:
        """Return a category that some declared service has."""
        categories = {service.category for service in self.services.values() if service.category}
        return _known(value, categories, "category")

    def sale(self, value: Value) -> str:
        """Return the id of an earlier sale."""
        return _known(value, self.sales, "sale")

    def id(self, value: Value, kinds: Iterable[str]) -> str:
        """Return the id of an earlier step of one of these kinds."""
        found = _known(value, self.ids, "id")
        if self.ids[found] not in kinds:
            raise value.wrong(f"{found} is a {self.ids[found]}; there should be one of {', '.join(kinds)}.")
        return found

    def currency_of(self, organization: str) -> str:
        """Return the currency in which a declared organization keeps its books."""
        return self.organizations[organization].currency


def _known(value: Value, names: Iterable[str], what: str) -> str:
    name = value.text()
    if name not in names:
        raise value.wrong(f"there is no {what} {name} declared before.")
    return name
