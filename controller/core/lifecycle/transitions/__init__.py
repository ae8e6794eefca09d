"""The cells of ``state_machine``'s table: a record's answer to one event in one phase.

    before_traffic   PREPARING and TESTING
    shifting         SHIFTING and BAKING
    by_request       promote, close, roll back and accept drift, by a person
    rolling_back     ROLLING_BACK, and the beginning of a rollback
    approving        the question for approval, and its answers
    pausing          pause and resume
    next_step        the request next
    under_freeze     the request override with freeze
    bookkeeping      work done beside the traffic
    edits            what they have in common: ``enter`` alone changes a phase

A transition takes ``(deployment, event, seen, now)`` and returns the next record, or the very same one for "nothing to
do". ``@leads_to`` lists the phases it may enter, for the state diagram; a test checks the list.
"""
