"""Calls that we place: promised call-backs, and campaigns from a list of contacts."""
