"""The cells of ``state_machine``'s table: how a record answers one event in one phase.

A transition takes ``(deployment, event, seen, now)`` and returns the next record, or the very same one for "nothing to
do". Each says in ``@leads_to`` which phases it may enter; the state diagram is drawn from that, and a test holds it
to it.
"""
