"""Operators' voices over WebRTC: DTLS-SRTP, ICE and Opus through aiortc, in the place of PCM in their websocket.

Needs the extra `webrtc`; `settings.py`, `offer.py` and `voices.py` do not. A peer belongs to one operator's websocket:
`telephony/operators/webrtc_side.py` decides when it carries their voice, and nothing behind that knows of it.
"""
