"""Stands in for CloudWatch's console: shows the dashboard's custom widget, and makes its buttons work.

The page itself comes from the viewer in the embedded AWS, as on AWS. What the console does is here: it calls the
widget's function with ``widgetContext``, takes out of the HTML what could run code, asks for confirmation, calls the
function of a ``cwdb-action``, and shows its answer in a popup. Source: CloudWatch user guide, custom widgets, 2026-11.
"""
