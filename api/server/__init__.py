"""The web server: GraphQL over HTTP, server-sent events and WebSocket, bulk routes, health and metrics."""
