"""Simulates whole deployments, minute by minute: how many good releases are thrown away, how soon bad ones are back.

    python -m bench.judging

    causes       why requests fail: one by one, in bursts, on one environment
    service      an alias under a deployment, and what CloudWatch shows of it
    release      one deployment, played by the controller's own transitions
    rivals       what people use in place of the error gate
    cells        every kind of release that is played
    trials       many releases of each, on all processors
    bars         what must come out

Every throw comes from a seeded dice, one for each release, so the same code prints the same tables on any number of
processors.
"""
