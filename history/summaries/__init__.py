"""Summaries that a language model writes of interactions that are over, in place of the extractive ones."""
