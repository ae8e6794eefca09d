"""``python -m local.demo_self``: drops them and ends with one line of JSON on stdout.

    {"ok": true, "drops": {"good": {"controller": "SUCCEEDED", "cause": "promoted", "function": "SUCCEEDED",
     "shares": [50.0, 100.0], "live": {"version": "2", "weights": {}}, "answers_status": "2", "seconds": 13.0}, ...},
     "seconds_total": 76.4}

Exit status: 0 if everything was as it must be; 1 if not, with the reasons on stderr; 130 after Ctrl-C.
"""

from __future__ import annotations

import sys

from local.signals import status_of

if __name__ == "__main__":
    sys.exit(status_of("local.demo_self.run"))
