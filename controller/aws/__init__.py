"""What Slipway does: one adapter for each AWS service, which builds parameters, calls, translates errors, returns a
domain type.
"""
