"""The cells of ``state_machine``'s table: a record's answer to one event in one phase.

A transition takes ``(deployment, event, seen, now)`` and returns the next record, or the very same one for "nothing to
do". ``@leads_to`` lists the phases it may enter, for the state diagram; a test checks the list.
"""
