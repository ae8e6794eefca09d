"""Slipway's adapters, one for each AWS service: build parameters, call, translate errors, return a domain type."""
