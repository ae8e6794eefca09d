"""The statistics of the gates, as pure functions of numbers: deployments and AWS are unknown here.

    shift                 the error gate while both versions serve
    error_evidence        its three witnesses, and the whole counts at the end
    history               how the alias's errors came in the day before
    hindsight             the error gate over past minutes
    in_words              its findings as sentences
    before_after          the bake, beside the stable version's minutes before
    alias_past            the alias's minutes before the deployment, and an outage that has begun in them
    slow_requests         latency and timeouts
    sample_ratio          the canary's share of the requests
    sequential_evidence   how evidence grows from minute to minute, however often somebody looks
    hypergeometric        the distribution behind it

Rules of the folder: whoever looks more often never gets more evidence from the same counts.
"""
