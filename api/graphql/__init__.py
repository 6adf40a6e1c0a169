"""The GraphQL schema, and the engine that answers requests."""
