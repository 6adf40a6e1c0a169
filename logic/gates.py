"""Feature gates of a Kubernetes version that some rule asks about."""

from __future__ import annotations

from foretell.model.errors import ForetellError

DEFAULT_VERSION = "1.36"

# By gate: the versions in which it is on by default. Source: the version matrix of Kubernetes' release notes.
_ON_BY_DEFAULT: dict[str, frozenset[str]] = {
    "MaxUnavailableStatefulSet": frozenset({"1.35", "1.37"}),
    "TaintTolerationComparisonOperators": frozenset(),
}
_VERSIONS = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")


class UnknownGateError(ForetellError):
    """A feature gate or version that Foretell does not know."""


def default_gates(version: str = DEFAULT_VERSION) -> frozenset[str]:
    """The gates that are on by default in a version such as `1.36`; raises UnknownGateError."""
    short = ".".join(version.removeprefix("v").split(".")[:2])
    if short not in _VERSIONS:
        raise UnknownGateError(
            f"unknown Kubernetes version {version!r}: expected one of {', '.join(_VERSIONS)}"
        )
    return frozenset(gate for gate, versions in _ON_BY_DEFAULT.items() if short in versions)


def gates_with(version: str, settings: dict[str, bool]) -> frozenset[str]:
    """The gates of a version with some of them set otherwise; raises UnknownGateError."""
    gates = set(default_gates(version))
    for gate, on in settings.items():
        if gate not in _ON_BY_DEFAULT:
            raise UnknownGateError(
                f"unknown feature gate {gate!r}: expected one of {', '.join(_ON_BY_DEFAULT)}"
            )
        gates.add(gate) if on else gates.discard(gate)
    return frozenset(gates)
