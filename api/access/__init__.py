"""Who asks, and what they may do: tokens, OpenID Connect, roles per cluster."""
