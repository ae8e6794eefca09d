"""People's requests in, JSON out.

    answers         the table of all requests; ``looking`` answers those of the viewer
    looking         status, history, plan, backtest: nothing changes
    acting          promote, next, pause, resume, approve and the like: one event of the open deployment
    rolling_back    rollback, also without an open deployment, and to a chosen one
    deploying       deploy
    drilling        drill
    freezing        freeze, unfreeze
    quarantining    quarantine
    redriving       redrive
    members         the members of a request
    parts           the parts of the controller that a family is made of
    repeated        a request that was carried out before
    popup           an answer for the page's buttons

Rules of the folder are in ``answers``.
"""

from __future__ import annotations

Answer = dict[str, object]
"""A person's answer, as a JSON object."""


class Unmet(Exception):
    """The request cannot be met; the text says why, and what can be asked instead."""
