"""Documents, parsed and validated once and then shared by all requests."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import ASTValidationRule, ValidationRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from foretell.api.graphql.limits import Limits, measure
from foretell.api.graphql.lru import Lru
from foretell.api.graphql.persisted import Named
from foretell.api.graphql.refusals import Fault, RefusedError, RequestCode
from foretell.api.graphql.requests import Kind

_KINDS = {
    OperationType.QUERY: Kind.QUERY,
    OperationType.MUTATION: Kind.MUTATION,
    OperationType.SUBSCRIPTION: Kind.SUBSCRIPTION,
}
_RULES: tuple[type[ASTValidationRule], ...] = (
    *specified_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)
_WEIGHT_OF_TOKEN = 400  # bytes of the parsed document
_WEIGHT_OF_REFUSAL = 1_000


class NoIntrospectionRule(ValidationRule):
    """Refuses the two fields by which a schema is read."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Look at a field."""
        if node.name.value in ("__schema", "__type"):
            self.report_error(
                GraphQLError(
                    "introspection is switched off on this server",
                    node,
                    extensions={"code": RequestCode.INTROSPECTION_DISABLED},
                )
            )


class Operation(NamedTuple):
    """One operation of a document."""

    kind: Kind
    name: str | None
    node: OperationDefinitionNode


class Document(NamedTuple):
    """A valid document of the schema, within the limits."""

    digest: str
    node: DocumentNode
    operations: tuple[Operation, ...]

    def operation(self, name: str | None) -> Operation:
        """The operation of this name, or the only one; raises RefusedError."""
        if name is None and len(self.operations) == 1:
            return self.operations[0]
        if name is None:
            names = ", ".join(sorted(operation.name or "" for operation in self.operations))
            problem = f"the document has several operations: expected operationName, one of {names}"
            if not self.operations:
                problem = "the document has no operation"
            raise RefusedError.of(RequestCode.UNKNOWN_OPERATION, problem)
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise RefusedError.of(RequestCode.UNKNOWN_OPERATION, f"the document has no operation named {name!r}")


class Documents:
    """Reads documents; remembers what it read, and what it refused, up to about so many bytes."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, *, introspection: bool = True, most: int = 64 * 2**20
    ) -> None:
        self._schema, self._limits, self._introspection = schema, limits, introspection
        self._rules = _RULES if introspection else (*_RULES, NoIntrospectionRule)
        self._kept: Lru[str, Document | RefusedError] = Lru(most)
        self.hits = self.misses = 0

    def read(self, named: Named) -> Document:
        """The document of a text; raises RefusedError."""
        found = self._kept.get(named.digest)
        if found is None:
            self.misses += 1
            try:
                found = self._read(named)
                weight = len(named.text) + _WEIGHT_OF_TOKEN * found.node.token_count
            except RefusedError as refusal:
                # Without the traceback, which would keep the frames that it passed through.
                found, weight = refusal.with_traceback(None), _WEIGHT_OF_REFUSAL
            self._kept.put(named.digest, found, weight)
        else:
            self.hits += 1
        if isinstance(found, RefusedError):
            raise RefusedError(found.faults)
        return found

    def _read(self, named: Named) -> Document:
        try:
            node = parse(named.text, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as error:
            raise RefusedError(self._syntax(error)) from None
        measure(node, self._limits)
        errors = validate(
            self._schema,
            node,
            self._rules,
            self._limits.errors,
            hide_suggestions=not self._introspection,
        )
        if errors:
            raise RefusedError([fault_of(error, RequestCode.INVALID_DOCUMENT) for error in errors])
        operations = []
        for definition in node.definitions:
            if isinstance(definition, OperationDefinitionNode):
                kind = _KINDS[definition.operation]
                if self._schema.get_root_type(definition.operation) is None:
                    raise RefusedError.of(RequestCode.INVALID_DOCUMENT, f"the schema has no {kind}s")
                name = None if definition.name is None else definition.name.value
                operations.append(Operation(kind, name, definition))
        return Document(named.digest, node, tuple(operations))

    def _syntax(self, error: GraphQLSyntaxError) -> list[Fault]:
        if "more than" in error.message and "tokens" in error.message:
            sentence = (
                f"the document has more than {self._limits.tokens:,} tokens, which are answered at most"
            )
            return [Fault(RequestCode.TOO_MANY_TOKENS, sentence)]
        if "nested too deeply" in error.message:
            sentence = f"the document is nested too deeply: at most {self._limits.depth} fields are answered"
            return [Fault(RequestCode.TOO_DEEP, sentence)]
        return [fault_of(error, RequestCode.SYNTAX)]


def fault_of(error: GraphQLError, code: RequestCode) -> Fault:
    """An error of the language's library as a fault, of this code unless the error names one."""
    own = (error.extensions or {}).get("code")
    places = tuple((place.line, place.column) for place in error.locations or ())
    return Fault(own if isinstance(own, RequestCode) else code, error.message, places)
