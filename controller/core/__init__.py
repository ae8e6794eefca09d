"""What Slipway decides; pure: no AWS, clock, environment, randomness or logging (a test on the syntax tree holds it
so).
"""
