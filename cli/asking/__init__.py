"""How the client asks: its requests, whom it sends them to, and how it reads the answers."""
