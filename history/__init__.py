"""The shared interaction history: an append-only log of events for every interaction, and views on it."""
