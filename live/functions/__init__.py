"""The code of the functions that a run makes in the account. Nothing here is imported by the run itself."""
