"""Migrations of the store's tables; each file in `versions` is one, unchanged for ever after its release."""
