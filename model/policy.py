"""Policies and what is found against them: findings, the moments in which they hold, and a report."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from foretell.model.meta import Key


class Level(StrEnum):
    """What a finding comes to."""

    DENY = "deny"
    WARN = "warn"


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one file; `source` is its path, or its name in the library."""

    source: str
    text: str


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long all policies together may be at work, in seconds, and how many bytes they may take."""

    seconds: float = 10.0
    memory: int = 1024 * 2**20


class Waves(msgspec.Struct, frozen=True, kw_only=True):
    """Waves that follow each other, counted from 1; both ends are meant."""

    first: int
    last: int


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found, and when it holds.

    `line` is the rule's. `subject` is the object that it is about as people call it, `object` its key where
    it is one. `waves` are those after which it holds; `outcome` says that it holds in the end, `before` that
    it did so before the changes as well. Where several orders were judged, `waves` are those of any of them,
    and `every` says whether it was found in each.
    """

    level: Level
    policy: str
    line: int
    subject: str
    object: Key | None
    message: str
    waves: tuple[Waves, ...] = ()
    outcome: bool = False
    before: bool = False
    every: bool = True


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One policy with all findings against it, the earliest first; `line` is where it is first derived."""

    name: str
    source: str
    line: int
    title: str = ""
    help: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def denied(self) -> bool:
        """Whether any finding denies."""
        return any(finding.level is Level.DENY for finding in self.findings)

    def afresh(self) -> Judged:
        """The policy without findings that were so before the changes."""
        return msgspec.structs.replace(
            self, findings=tuple(finding for finding in self.findings if not finding.before)
        )


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Every policy as it was judged, in the order of files and lines; and notes on its rules.

    `orders` is how many orders in which the control plane may act were judged, `complete` says whether there
    are no others; without them, nought: the forecast alone was.
    """

    policies: tuple[Judged, ...]
    notes: tuple[str, ...] = ()
    orders: int = 0
    complete: bool = True

    @property
    def denied(self) -> bool:
        """Whether any policy is denied."""
        return any(policy.denied for policy in self.policies)

    def afresh(self) -> Report:
        """The report without what was so before the changes."""
        return msgspec.structs.replace(self, policies=tuple(policy.afresh() for policy in self.policies))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all policies."""
        return tuple(finding for policy in self.policies for finding in policy.findings)
