"""``python -m cli`` is ``slipway``, for a checkout."""

from __future__ import annotations

import sys

from cli.main import main

sys.exit(main())
