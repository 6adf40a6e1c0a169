"""Feature gates of a Kubernetes version that some rule asks about."""

from __future__ import annotations

from collections.abc import Iterable

from foretell.model.errors import ForetellError

DEFAULT_VERSION = "1.36"

# By gate: the versions in which it is on by default. Source: the version matrix of Kubernetes' release notes.
_ON_BY_DEFAULT: dict[str, frozenset[str]] = {
    "MaxUnavailableStatefulSet": frozenset({"1.35", "1.37"}),
    "TaintTolerationComparisonOperators": frozenset(),
}
# The patch release since which a gate is off again; a version without one stands for its first.
_OFF_SINCE = {("MaxUnavailableStatefulSet", "1.35"): 4}
_VERSIONS = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")


class Gates(frozenset[str]):
    """The feature gates that are on, and the minor version of Kubernetes 1 that they belong to."""

    minor: int

    def __new__(cls, names: Iterable[str] = (), minor: int = int(DEFAULT_VERSION.partition(".")[2])) -> Gates:
        """The gates of these names in a version."""
        gates = super().__new__(cls, names)
        gates.minor = minor
        return gates


class UnknownGateError(ForetellError):
    """A feature gate or version that Foretell does not know."""


def default_gates(version: str = DEFAULT_VERSION) -> Gates:
    """The gates that are on by default in a version such as `1.36`; raises UnknownGateError."""
    major, _, rest = version.removeprefix("v").partition(".")
    minor, _, patch = rest.partition(".")
    short, patch_number = f"{major}.{minor}", int(patch) if patch.isascii() and patch.isdigit() else 0
    if short not in _VERSIONS:
        raise UnknownGateError(
            f"unknown Kubernetes version {version!r}: expected one of {', '.join(_VERSIONS)}"
        )
    names = (
        gate
        for gate, versions in _ON_BY_DEFAULT.items()
        if short in versions and patch_number < _OFF_SINCE.get((gate, short), patch_number + 1)
    )
    return Gates(names, int(minor))


def gates_with(version: str, settings: dict[str, bool]) -> Gates:
    """The gates of a version with some of them set otherwise; raises UnknownGateError."""
    default = default_gates(version)
    gates = set(default)
    for gate, on in settings.items():
        if gate not in _ON_BY_DEFAULT:
            raise UnknownGateError(
                f"unknown feature gate {gate!r}: expected one of {', '.join(_ON_BY_DEFAULT)}"
            )
        gates.add(gate) if on else gates.discard(gate)
    return Gates(gates, default.minor)
