"""A deployment's life: its phases, the effect of events, and AWS's missing state.

    admission           does an upload become a deployment? late and repeated ones, the queue
    preflight           the refusals of AWS, told before anything is changed
    state_machine       the effect of every event in every phase, each a function of ``transitions``
    transitions         what a record says after an event
    refusals            why a request cannot be met now
    met                 whether a request was met
    plan                the effects that AWS still lacks
    due                 when the next tick looks
    cleanup             the work beside the traffic, and how long it is tried
    quarantine          the ends after which the same bytes are refused
    test_results        is a version's answer to a test right?
    held_by             why a deployment does not go on
    held_until          until when it is held
    repeated_requests   the same request, sent again

Rules of the folder: it decides, and changes nothing but the record that it returns.
"""
