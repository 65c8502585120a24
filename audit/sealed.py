"""What is sealed: the tables of each kind, and the digest of a row, as one SQL text for the database and verification."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db.migrations import RunSQL


@dataclass(frozen=True)
class Sealed:
    """One kind of rows under seal. `app` holds `sql/digests_<kind>.sql`: (id, digest) of the rows in `the_ids`."""

    kind: str
    label: str
    table: str
    app: str

    @property
    def digests(self) -> str:
        """The statement that computes digests anew, of the ids that are its one parameter: not the database's own
        function, which whoever alters rows might have altered too."""
        return digests_sql(self.app, self.kind).replace("the_ids", "%s::bigint[]")


#: Kind -> what it seals; an app above adds its own when it is ready.
SEALED: dict[str, Sealed] = {}


def seal_rows_of(sealed: Sealed) -> None:
    """Let verification know a kind; its migration has made the function and the trigger."""
    SEALED[sealed.kind] = sealed


def digests_sql(app: str, kind: str) -> str:
    return (Path(__file__).resolve().parent.parent / app / "sql" / f"digests_{kind}.sql").read_text()


def digests_function(app: str, kind: str) -> RunSQL:
    """The operation that makes `posting.<kind>_digests`, which posting.seal calls."""
    name = f"posting.{kind}_digests(bigint[])"
    return RunSQL(
        f"""
        CREATE FUNCTION posting.{kind}_digests(the_ids bigint[]) RETURNS TABLE (row_id bigint, digest bytea)
        LANGUAGE sql STABLE SET search_path = pg_catalog AS $$ {digests_sql(app, kind)} $$;
        ALTER FUNCTION {name} OWNER TO caretree_poster;
        REVOKE ALL ON FUNCTION {name} FROM PUBLIC
        """,
        f"DROP FUNCTION {name}",
    )
