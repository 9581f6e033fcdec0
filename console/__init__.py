"""The web pages of operators and admins, and their HTTP API."""
