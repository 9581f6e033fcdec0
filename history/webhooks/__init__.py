"""Webhooks out: what enters the log is told to endpoints that want it, at least once, signed (Standard Webhooks)."""
