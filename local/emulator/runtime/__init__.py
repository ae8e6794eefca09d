"""Runs functions as Lambda does: one process per execution environment, one invocation at a time."""
