"""Slipway's decisions. Pure: no AWS, clock, environment, randomness or logging; a test on the syntax tree checks
this.
"""
