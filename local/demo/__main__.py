"""``python -m local.demo``: plays the demo and ends with one line of JSON on stdout.

    {"ok": true, "promoted": ["1", "2", "4"], "rolled_back": ["3", "5"],
     "rolled_back_by": {"3": "alarm", "5": "errors"}, "evidence": {"2": 0.511, "4": 0.467, "5": 213.0},
     "live": {"version": "4", "weights": {}}, "previous": "2", "requests": 3780, "errors": 41,
     "seconds_alarm_to_alias": 0.21, "seconds_to_judge": 14.3, "seconds_total": 77.1}

Exit status: 0 if everything was as it must be; 1 if not, with the reasons on stderr; 130 after Ctrl-C.

Note: the imports take a while. ``status_of`` has Ctrl-C end the program in order then, too.
"""

from __future__ import annotations

import sys

from local.signals import status_of

if __name__ == "__main__":
    sys.exit(status_of("local.demo.run"))
