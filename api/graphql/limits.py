"""How large a request may be, and the measuring of its document before anything else is done with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from foretell.api.graphql.refusals import RefusedError, RequestCode


@dataclass(frozen=True)
class Limits:
    """What is answered at most; fragments count wherever they are spread.

    Together they bound the time that parsing and validating take (the latter compares fields of the same name
    with each other). `cost` is explained in foretell.api.graphql.cost; `seconds` limit one operation's run.
    """

    tokens: int = 5_000
    depth: int = 20
    root_fields: int = 20
    fields: int = 500
    aliases: int = 100
    directives: int = 50
    spreads: int = 50
    errors: int = 20
    cost: int = 50_000
    seconds: float = 30.0


class Size(NamedTuple):
    """How large selections are: `depth` in fields, `levels` with fragments, `top` fields first of all."""

    depth: int = 0
    levels: int = 0
    top: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    spreads: int = 0


_COUNTS = (
    ("depth", "depth", RequestCode.TOO_DEEP, "is {0:,} fields deep"),
    ("top", "root_fields", RequestCode.TOO_MANY_ROOT_FIELDS, "has {0:,} fields at its root"),
    ("fields", "fields", RequestCode.TOO_MANY_FIELDS, "has {0:,} fields"),
    ("aliases", "aliases", RequestCode.TOO_MANY_ALIASES, "has {0:,} aliases"),
    ("directives", "directives", RequestCode.TOO_MANY_DIRECTIVES, "has {0:,} directives"),
    ("spreads", "spreads", RequestCode.TOO_MANY_SPREADS, "spreads {0:,} fragments"),
)
_LEVELS_PER_DEPTH = 3  # between two fields there are seldom more than two fragments
_MANY = 10**9  # what a chain of fragments multiplies to has more digits than anybody reads


def measure(document: DocumentNode, limits: Limits) -> None:
    """Refuse a document that is larger than the limits, or whose fragments spread themselves.

    Takes time linear in the document, however often fragments are spread; raises RefusedError.
    """
    measuring = _Measuring(document, limits)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            own = len(definition.directives or ())
            own += sum(len(variable.directives or ()) for variable in definition.variable_definitions or ())
            size = measuring.selections(definition.selection_set, 0)
            _check(size._replace(directives=size.directives + own), limits)
        elif isinstance(definition, FragmentDefinitionNode):
            # The root of a fragment is no root.
            _check(measuring.fragment(definition.name.value, 0), replace(limits, root_fields=limits.fields))


def _check(size: Size, limits: Limits) -> None:
    for attribute, limit, code, phrase in _COUNTS:
        count, most = getattr(size, attribute), getattr(limits, limit)
        if count > most:
            told = phrase.format(count) if count < _MANY else phrase.format(_MANY).replace(" ", " over ", 1)
            raise RefusedError.of(code, f"the document {told}: at most {most:,} are answered")


class _Measuring:
    """Measures each fragment once."""

    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self._limits = limits
        self._levels = limits.depth * _LEVELS_PER_DEPTH
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._sizes: dict[str, Size] = {}
        self._open: set[str] = set()

    def selections(self, chosen: SelectionSetNode | None, level: int) -> Size:
        """The size of a selection set that is so many levels below its operation."""
        if chosen is None:
            return Size()
        self._descend(level)
        depth = levels = top = fields = aliases = directives = spreads = 0
        for selection in chosen.selections:
            size = self._selection(selection, level + 1)
            depth, levels, top = max(depth, size.depth), max(levels, size.levels), top + size.top
            fields, aliases = fields + size.fields, aliases + size.aliases
            directives, spreads = directives + size.directives, spreads + size.spreads
        return Size(depth, levels + 1, top, fields, aliases, directives, spreads)

    def _selection(self, selection: SelectionNode, level: int) -> Size:
        directives = len(selection.directives or ())
        if isinstance(selection, FieldNode):
            inner = self.selections(selection.selection_set, level)
            return inner._replace(
                depth=inner.depth + 1,
                top=1,
                fields=inner.fields + 1,
                aliases=inner.aliases + (selection.alias is not None),
                directives=inner.directives + directives,
            )
        if isinstance(selection, FragmentSpreadNode):
            inner = self.fragment(selection.name.value, level)
            return inner._replace(directives=inner.directives + directives, spreads=inner.spreads + 1)
        if isinstance(selection, InlineFragmentNode):
            inner = self.selections(selection.selection_set, level)
            return inner._replace(directives=inner.directives + directives)
        return Size()

    def fragment(self, name: str, level: int) -> Size:
        """The size of a fragment, nothing for one that isn't there: to say so is validation's part."""
        size = self._sizes.get(name)
        if size is not None:
            self._descend(level + size.levels)
            return size
        definition = self._fragments.get(name)
        if definition is None:
            return Size()
        if name in self._open:
            raise RefusedError.of(RequestCode.CYCLIC_FRAGMENTS, f"the fragment {name!r} spreads itself")
        self._open.add(name)
        size = self.selections(definition.selection_set, level)
        size = size._replace(directives=size.directives + len(definition.directives or ()))
        self._open.discard(name)
        self._sizes[name] = size
        return size

    def _descend(self, level: int) -> None:
        if level > self._levels:
            raise RefusedError.of(
                RequestCode.TOO_DEEP,
                f"the document nests fields and fragments more than {self._levels} levels deep",
            )
