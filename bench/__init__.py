"""Counts the calls that Slipway makes and measures its ratios, against the bars that the project holds itself to.

    python -m bench

Every number is a count, or a comparison of two things measured in the same run, so it says the same on a slow machine.
"""
