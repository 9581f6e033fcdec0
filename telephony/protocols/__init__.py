"""One file for each carrier protocol."""
