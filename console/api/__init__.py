"""The console's HTTP API: one file for each subject."""
