"""How the client shows: pictures of answers, one panel for what is under way, and lines where output is piped."""
