"""The base of every tenant table: its network, its policy and its composite keys come by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.constraints import BaseConstraint
from django.db.models.expressions import Func
from django.db.models.signals import class_prepared

from core.tenancy.roles import OWNER, PORTAL, POSTER, WEB


class BoundNetwork(Func):
    """`app.network_id()`: the bound network, or error 42501."""

    function = "app.network_id"
    arity = 0
    output_field = models.BigIntegerField()


@dataclass(frozen=True)
class Tenancy:
    """Who may do what in a tenant table, inside the bound network.

    `web`, `portal` and `poster` are lists of SQL privileges; `portal_rows` is the SQL condition that narrows
    the portal role to one vendor; `keyed` adds UNIQUE (network_id, id), the target of composite keys.
    """

    web: str = "SELECT, INSERT, UPDATE, DELETE"
    portal: str = ""
    portal_rows: str = ""
    poster: str = ""
    keyed: bool = True
    network_column: str = "network_id"


class _TableConstraint(BaseConstraint):
    """A constraint written by its own SQL, which also works inside CREATE TABLE by deferring it."""

    def constraint_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model is not None
        assert schema_editor is not None
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database checks it; there is nothing to ask beforehand."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]


class SameNetwork(_TableConstraint):
    """Composite FOREIGN KEY (network_id, x_id) -> target (network_id, id): no key crosses networks."""

    def __init__(self, *, field: str, name: str) -> None:
        self.field = field
        super().__init__(name=name)

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        """Nothing yet: the key is added at the migration's end, when the target surely has its own."""
        field = model._meta.get_field(self.field)
        quote = schema_editor.quote_name
        target = field.remote_field.model._meta.db_table
        schema_editor.deferred_sql.append(
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY (network_id, {quote(field.column)}) REFERENCES {quote(target)} (network_id, id) "
            "DEFERRABLE INITIALLY DEFERRED"
        )
        return ""

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        # IF EXISTS: taking back the target's own key has taken this one along.
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT IF EXISTS {quote(self.name)}"

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs["field"] = self.field
        return path, args, kwargs


class TenantPolicy(_TableConstraint):
    """Row-level security of one table: enabled, forced, policies by role, grants, the composite key."""

    def __init__(self, *, name: str, tenancy: dict[str, Any] | None = None) -> None:
        self.tenancy = tenancy or {}
        super().__init__(name=name)

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        rules = Tenancy(**self.tenancy)
        table = schema_editor.quote_name(model._meta.db_table)
        inside = f"{rules.network_column} = (SELECT app.network_id())"
        statements = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} TO {OWNER}, {POSTER}, {WEB} USING ({inside}) WITH CHECK ({inside})",
        ]
        if rules.web:
            statements.append(f"GRANT {rules.web} ON {table} TO {WEB}")
        if rules.poster:
            statements.append(f"GRANT {rules.poster} ON {table} TO {POSTER}")
        if rules.portal:
            narrow = f"{inside} AND ({rules.portal_rows})"
            statements.append(
                f"CREATE POLICY portal ON {table} TO {PORTAL} USING ({narrow}) WITH CHECK ({narrow})"
            )
            statements.append(f"GRANT {rules.portal} ON {table} TO {PORTAL}")
        if rules.keyed:
            key = schema_editor.quote_name(f"{model._meta.db_table}_network_key")
            statements.append(f"ALTER TABLE {table} ADD CONSTRAINT {key} UNIQUE (network_id, id)")
        return ";\n".join(statements)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        key = schema_editor.quote_name(f"{model._meta.db_table}_network_key")
        return ";\n".join(
            [
                f"DROP POLICY tenant ON {table}",
                f"DROP POLICY IF EXISTS portal ON {table}",
                f"REVOKE ALL ON {table} FROM {WEB}, {PORTAL}, {POSTER}",
                f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {key} CASCADE"
                if Tenancy(**self.tenancy).keyed
                else "SELECT 1",
            ]
        )

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs["tenancy"] = self.tenancy
        return path, args, kwargs


def _add_constraint(model: type[models.Model], constraint: BaseConstraint, *, first: bool = False) -> None:
    others = model._meta.constraints
    model._meta.constraints = [constraint, *others] if first else [*others, constraint]
    model._meta.original_attrs["constraints"] = model._meta.constraints


class TenantKey(models.ForeignKey):
    """A foreign key inside one network; it declares its composite constraint on its model by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **kwargs)
        if not cls._meta.abstract and cls.__module__ != "__fake__":
            _add_constraint(cls, SameNetwork(field=name, name=f"{cls._meta.model_name}_{name}_same_network"))

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


class TenantModel(models.Model):
    """A row of one Network. `tenancy` says which database role may do what with it."""

    tenancy = Tenancy()

    network = models.ForeignKey(
        "core.Network",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_default=BoundNetwork(),
        editable=False,
    )

    class Meta:
        abstract = True


class VersionedModel(models.Model):
    """A record whose forms carry its version, so that nobody overwrites what they have not seen."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


def _declare_policy(sender: type[models.Model], **kwargs: Any) -> None:
    if issubclass(sender, TenantModel) and not sender._meta.abstract and sender.__module__ != "__fake__":
        defaults = Tenancy()
        chosen = {k: v for k, v in vars(sender.tenancy).items() if v != getattr(defaults, k)}
        policy = TenantPolicy(name=f"{sender._meta.model_name}_tenancy", tenancy=chosen)
        _add_constraint(sender, policy, first=True)  # it brings the key that SameNetwork of others points to


class_prepared.connect(_declare_policy, dispatch_uid="core.tenancy.policy")
