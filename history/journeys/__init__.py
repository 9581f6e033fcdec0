"""The paths that contacts take across channels, and the contacts whom a rule picks."""
