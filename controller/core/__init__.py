"""Slipway's decisions, from top to bottom: a folder imports only those below.

    report        the answers to people who ask
    announcement  a notice in words, for people who did not ask
    lifecycle     the phases, the effect of each event, and what AWS still lacks
    gates         what holds the next step, or brings traffic back
    routing       what the alias should carry, and the line on it
    artifact      the uploaded zip: its key, its files, its handler
    records       how a deployment is stored
    model         the nouns
    manifest      slipway.json
    statistics    numbers only: deployments and AWS are unknown there

Pure: no AWS, clock, environment, randomness or logging; a test on the syntax tree checks this.
"""
