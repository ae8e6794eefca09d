"""The page that a custom widget of CloudWatch shows: HTML and SVG, drawn from answers of ``status`` and ``show``."""
