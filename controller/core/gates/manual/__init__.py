"""The gates that people close and open for one deployment: an approval, a pause, a freeze on danger, drift, a drill."""
