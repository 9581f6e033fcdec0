"""Recordings at rest: encrypted files, the keys that open them, and the master key that wraps those."""
