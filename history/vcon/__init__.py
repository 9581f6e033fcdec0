"""Conversations as vCon 0.4.0 (draft-ietf-vcon-vcon-core): given away, and taken in, without loss."""
