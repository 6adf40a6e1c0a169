"""What the store refuses or can't do, named for what happened."""

from __future__ import annotations

from foretell.model.errors import ForetellError

_LONGEST = 80


class InvalidNameError(ForetellError):
    """A name can't be a cluster's."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        shown = self.name if len(self.name) <= _LONGEST else self.name[:_LONGEST] + "…"
        return (
            f"{shown!r} can't name a cluster: expected at most 63 lowercase letters, digits, '-' and '.', "
            "each part between dots beginning and ending with a letter or digit"
        )


class NameTakenError(ForetellError):
    """There is a cluster of this name already."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"there is a cluster {self.name!r} already"


class UnknownClusterError(ForetellError):
    """There is no such cluster; `name` is empty where only the id of a deleted one is known."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"there is no cluster {self.name!r}" if self.name else "the cluster has been deleted"


class UnknownRevisionError(ForetellError):
    """A cluster has no revision of this number."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(name, number)
        self.name, self.number = name, number

    def __str__(self) -> str:
        return f"cluster {self.name!r} has no revision {self.number}"


class ConflictError(ForetellError):
    """A cluster is not at the expected revision; `head` is the one that it is at, 0 if there is none."""

    def __init__(self, name: str, head: int) -> None:
        super().__init__(name, head)
        self.name, self.head = name, head

    def __str__(self) -> str:
        if not self.head:
            return f"there is no cluster {self.name!r} that could be at the expected revision"
        return f"cluster {self.name!r} is at revision {self.head}, not at the expected one"


class InvalidUrlError(ForetellError):
    """A URL doesn't say where the store is; the sentence never repeats what may be a password."""


class DriverMissingError(ForetellError):
    """The driver of a database is not installed."""

    def __str__(self) -> str:
        return "PostgreSQL needs a driver that is not installed: pip install 'foretell[postgres]'"


class UnavailableError(ForetellError):
    """The database can't be used; `shown` is its URL without the password."""

    def __init__(self, shown: str, reason: str) -> None:
        super().__init__(shown, reason)
        self.shown, self.reason = shown, reason

    def __str__(self) -> str:
        return f"the database {self.shown} can't be used: {self.reason}"


class VersionError(ForetellError):
    """The database is laid out for another version of Foretell."""

    def __init__(self, shown: str, problem: str) -> None:
        super().__init__(shown, problem)
        self.shown, self.problem = shown, problem

    def __str__(self) -> str:
        return f"the database {self.shown} {self.problem}"


class DamagedError(ForetellError):
    """What is stored is not what was written."""


class ReadOnlyError(ForetellError):
    """A store that was opened for reading was asked to write."""

    def __str__(self) -> str:
        return "the store was opened for reading only"
