"""Values without decisions: objects, the cluster, changes, forecasts, reading and writing manifests."""
