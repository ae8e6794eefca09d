"""Lambda's API over functions, versions and aliases."""
