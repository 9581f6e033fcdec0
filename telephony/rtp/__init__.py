"""RTP, the sound of SIP calls: codecs, reordering, keys, one clock for all that is sent. Needs the extra `sip`;
`numbering.py` and `reordering.py` do not.

`receiving.py` and `sending.py` are pure; `stream.py` has the sockets and `pacer.py` the clock.
"""
