"""The desired routing of the alias, and the descriptions of both aliases."""
