"""Refuses what AWS refuses and MiniStack accepts, and shows functions, versions and aliases in AWS's states.

- ``lambda_code``: absent packages, dry runs, each version's own package;
- ``lambda_versions``: updates in progress, stale revisions, publishing, deleting;
- ``lambda_aliases``: where an alias may point;
- ``lambda_reads``: what is not there, in AWS's words; what lists show; what is stored.

Note: the order matters. Both first ones replace CreateFunction and UpdateFunctionCode; the one installed later is asked
first.
"""

from __future__ import annotations

from local.gaps.lambda_aliases import replace_aliases
from local.gaps.lambda_code import replace_code
from local.gaps.lambda_reads import replace_reads
from local.gaps.lambda_versions import replace_versions
from local.settings import Settings


def install(settings: Settings) -> None:
    """Replaces MiniStack's answers to what AWS would refuse."""
    replace_code()
    replace_versions()
    replace_aliases()
    replace_reads()
