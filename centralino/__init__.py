"""The front door: settings, command line, the assembled application."""
