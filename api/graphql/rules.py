"""The rules in GraphQL: the files, and the predicates that they define, so that a client can show them."""

from __future__ import annotations

from functools import cache

import strawberry

from foretell.api.telling.rulebook import Page as RulePage
from foretell.api.telling.rulebook import Predicate as Described
from foretell.api.telling.rulebook import rulebook


@strawberry.type(description="A predicate of the rules' interface.")
class Predicate:
    """A predicate."""

    name: str = strawberry.field(description="Its name.")
    arguments: list[str] = strawberry.field(description="What its arguments are called.")
    about: str = strawberry.field(description="What an atom of it says.")
    file: str = strawberry.field(description="The file that describes it.")


@strawberry.type(description="A file of rules.")
class RuleFile:
    """A file of rules."""

    page: strawberry.Private[RulePage]
    name: str = strawberry.field(description="Its name, such as `daemonset.lp`.")
    about: str = strawberry.field(description="What it decides.")
    includes: list[str] = strawberry.field(description="The files that it includes; entry points do.")

    @strawberry.field(description="The whole file, as clingo reads it.")
    def source(self) -> str:
        """The whole file."""
        return self.page.source

    @strawberry.field(description="The predicates that it describes, in their order.")
    def predicates(self) -> list[Predicate]:
        """The predicates that it describes."""
        return [predicate_of(predicate) for predicate in self.page.predicates]


@strawberry.type(description="The rules from which all forecasts follow; plain clingo runs them.")
class Rules:
    """The rules."""

    files: list[RuleFile] = strawberry.field(description="The files, by name.")
    predicates: list[Predicate] = strawberry.field(description="All predicates that are described, by name.")


def predicate_of(predicate: Described) -> Predicate:
    """A predicate in GraphQL."""
    return Predicate(
        name=predicate.name,
        arguments=list(predicate.arguments),
        about=predicate.about,
        file=predicate.file,
    )


@cache
def rules_of() -> Rules:
    """The rules, read once."""
    pages = rulebook()
    files = [
        RuleFile(page=page, name=page.name, about=page.about, includes=list(page.includes)) for page in pages
    ]
    predicates = [predicate_of(predicate) for page in pages for predicate in page.predicates]
    return Rules(files=files, predicates=sorted(predicates, key=lambda p: (p.name, len(p.arguments), p.file)))
