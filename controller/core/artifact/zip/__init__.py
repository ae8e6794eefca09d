"""Reads zips: where the directory is, what it lists, and single files, without unzipping the whole."""
