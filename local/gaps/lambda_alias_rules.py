"""The old place of ``local.emulator.rules.lambda_.alias_weights``; scripts beside this repository import it."""

from local.emulator.rules.lambda_.alias_weights import choose

__all__ = ["choose"]
