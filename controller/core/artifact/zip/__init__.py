"""Reads zips: the place of the directory, its entries, and single files, without unzipping the whole."""
