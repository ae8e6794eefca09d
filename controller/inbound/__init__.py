"""Raw payload in, event out; upload in, deployment out."""
