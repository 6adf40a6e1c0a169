"""The command line."""

from __future__ import annotations

from foretell.api.cli.program import PROGRAM

__all__ = ["PROGRAM", "main"]


def main() -> int:
    """Run the command line; the exit code (docs/cli.md)."""
    code: int = PROGRAM.main(standalone_mode=False)
    return code
