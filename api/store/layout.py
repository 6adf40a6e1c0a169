"""The tables' layout: brought up to date by Alembic when a store is opened, by one process at a time."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from alembic.script import ScriptDirectory

from foretell.api.store import migrations
from foretell.api.store.engine import Database
from foretell.api.store.errors import UnavailableError, VersionError

VERSION_TABLE = "foretell_version"


def scripts() -> ScriptDirectory:
    """The migrations, wherever the package is installed."""
    return ScriptDirectory(str(Path(migrations.__file__).parent))


def bring_up_to_date(database: Database) -> None:
    """Migrate to the newest layout, or where only reading is allowed, check that it is the newest.

    Raises VersionError if the database was written by a newer Foretell, UnavailableError if it isn't a store.
    """
    directory = scripts()
    with database.reading() as connection:
        found = _found(database, directory, connection)
    if found == directory.get_current_head():
        return
    if database.read_only:
        raise VersionError(
            database.shown, "has to be brought up to date first: open it once for writing, as a server does"
        )
    with database.writing() as connection:
        database.lock_layout(connection)
        # Another process may have migrated while this one waited.
        if _found(database, directory, connection) != directory.get_current_head():
            _upgrade(directory, connection)


def context(connection: sa.Connection) -> MigrationContext:
    """Alembic's view of a database."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})


def _found(database: Database, directory: ScriptDirectory, connection: sa.Connection) -> str | None:
    """The version that a database is at, None for an empty one."""
    found = context(connection).get_current_revision()
    known = {script.revision for script in directory.walk_revisions()}
    if found is not None and found not in known:
        newest = directory.get_current_head()
        raise VersionError(
            database.shown,
            f"was written by a newer Foretell: its layout is {found}, and this one knows {newest}",
        )
    if found is None and connection.dialect.name == "sqlite" and sa.inspect(connection).get_table_names():
        raise UnavailableError(database.shown, "it is another program's database")
    return found


def _upgrade(directory: ScriptDirectory, connection: sa.Connection) -> None:
    """Run the migrations that are missing within the connection's transaction."""
    head = directory.get_current_head() or ""

    def steps(revision: object, _: MigrationContext) -> list[StampStep | RevisionStep]:
        return list(directory._upgrade_revs(head, revision))  # type: ignore[arg-type]

    environment = EnvironmentContext(Config(), directory, fn=steps, destination_rev=head)
    with environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE)
        environment.run_migrations()
