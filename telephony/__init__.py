"""Calls: the media server, the doors, the call itself, the operators' desk."""
