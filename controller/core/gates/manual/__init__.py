"""The gates that people close and open: an approval; drift, a pause, a freeze."""
