"""``python -m live``: what a run in your account found, as a table on stdout; what it is doing, on stderr."""

from __future__ import annotations

import sys

from local.signals import status_of

if __name__ == "__main__":
    sys.exit(status_of("live.command"))
