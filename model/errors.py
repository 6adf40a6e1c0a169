"""What can go wrong, named for what happened; the sentence is in `__str__`."""

from __future__ import annotations


class ForetellError(Exception):
    """The base of every error that Foretell raises on purpose."""


class ManifestError(ForetellError):
    """A manifest or dump can't be read: where, what stands there, and what was expected.

    `source` is a file's name or `<stdin>`; `document` counts from 1 within it (items of a List count as
    documents of their own); `path` is a field path such as `$.spec.replicas`.
    """

    def __init__(self, problem: str, *, source: str = "", document: int = 0, path: str = "") -> None:
        super().__init__(problem)
        self.problem, self.source, self.document, self.path = problem, source, document, path

    def __str__(self) -> str:
        place = [self.source] if self.source else []
        place += [f"document {self.document}"] if self.document else []
        place += [self.path] if self.path else []
        return ": ".join([", ".join(place), self.problem] if place else [self.problem])

    def at(self, source: str, document: int = 0) -> ManifestError:
        """The same error with the place filled in where it is not known yet."""
        return ManifestError(
            self.problem, source=self.source or source, document=self.document or document, path=self.path
        )


class QuantityError(ForetellError):
    """A quantity, a percentage or a number is none, or does not fit."""


class RejectedError(ForetellError):
    """The API server would refuse a change; the sentence is the server's own."""

    def __init__(self, sentence: str, *, reason: str = "Invalid") -> None:
        super().__init__(sentence)
        self.sentence, self.reason = sentence, reason


class NotFoundError(RejectedError):
    """A change names an object that isn't there."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, reason="NotFound")


class RulesError(ForetellError):
    """The rules gave a message, no answer, or more than one answer: a fault of Foretell's own."""


class PolicyError(ForetellError):
    """A policy can't be taken, or can't be judged within its limits; each fault names its place."""

    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)
