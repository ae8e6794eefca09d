"""Simulates the error gate against two rivals: how many good releases it throws away, how soon it catches bad ones.

    python -m bench.judging

Every throw comes from a seeded dice, one for each cell, so the same code prints the same tables on any number of
processors.
"""
