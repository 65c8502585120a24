"""PostgreSQL as Django knows it, which starts the embedded server when needed and refuses an over-privileged login."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.postgresql import base, features
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient

from network.services import ServiceError, hold
from network.services.postgres import programs
from network.services.roles import assert_safe_roles


class DatabaseFeatures(features.DatabaseFeatures):
    # 15 is the first where nobody may create in the schema "public" unless told so.
    minimum_database_version = (15,)


class DatabaseClient(PostgresClient):
    """`manage.py dbshell` with the bundled psql, which knows the bundled server's version."""

    def runshell(self, parameters: Any) -> None:
        if self.connection.settings_dict.get("EMBEDDED"):
            hold(*self.connection.settings_dict["EMBEDDED"])
            self.executable_name = str(programs() / "psql")
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    client_class = DatabaseClient

    # The logins that this process found to be bound by row-level security.
    _found_bound: set[tuple[str, str, str]] = set()

    def get_connection_params(self) -> dict[str, Any]:
        if missing := self.settings_dict.get("MISSING"):
            raise ImproperlyConfigured(missing)
        return super().get_connection_params()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if services := self.settings_dict.get("EMBEDDED"):
            try:
                hold(*services)
            except ServiceError as error:
                raise OperationalError(str(error)) from error
        return super().get_new_connection(conn_params)

    def init_connection_state(self) -> None:
        super().init_connection_state()
        if self.settings_dict.get("MUST_BE_BOUND"):
            self._assert_bound()

    def _assert_bound(self) -> None:
        """Once per process and login, at its first connection: no entry to the database can forget to ask."""
        settings = self.settings_dict
        login = (str(settings["HOST"]), str(settings["PORT"]), str(settings["USER"]))
        if login not in self._found_bound:
            assert_safe_roles(self)
            self._found_bound.add(login)
