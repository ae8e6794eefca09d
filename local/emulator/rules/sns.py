"""Decides which messages SNS publishes. Pure.

Source: botocore's service model, PublishInput, 1.43.106: a subject is UTF-8 without line breaks or control characters.
That one of 100 characters is taken, though the model says less, and the text: getmoto/moto issue 1503, 2018-03.

Note: subjects once had to be ASCII, and much code still says so.
"""

from __future__ import annotations

_MAX_SUBJECT = 100


def malformed(message: str | None, subject: str | None) -> str | None:
    """Returns the text of the InvalidParameter that SNS refuses with, or None. A subject of None is none."""
    if not message:
        return "Invalid parameter: Empty message"
    if subject is not None and not (subject.isprintable() and 0 < len(subject) <= _MAX_SUBJECT):
        return "Invalid parameter: Subject"
    return None
