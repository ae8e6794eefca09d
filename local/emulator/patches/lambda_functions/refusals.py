"""Refuses what AWS refuses and MiniStack accepts, and shows functions, versions and aliases in AWS's states.

- ``code``: absent packages, dry runs, each version's own package;
- ``versions``: updates in progress, stale revisions, publishing, deleting;
- ``aliases``: where an alias may point;
- ``reads``: what is not there, in AWS's words; what lists show; what is stored.

Note: the order matters. Both first ones replace CreateFunction and UpdateFunctionCode; the one installed later is asked
first.
"""

from __future__ import annotations

from local.emulator.patches.lambda_functions.aliases import replace_aliases
from local.emulator.patches.lambda_functions.code import replace_code
from local.emulator.patches.lambda_functions.reads import replace_reads
from local.emulator.patches.lambda_functions.versions import replace_versions
from local.settings import Settings


def install(settings: Settings) -> None:
    """Replaces MiniStack's answers to what AWS would refuse."""
    replace_code()
    replace_versions()
    replace_aliases()
    replace_reads()
