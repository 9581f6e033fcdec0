"""SIP (RFC 3261) as far as a server of calls needs it, on one UDP port. Needs the extra `sip`.

aiosipua reads and writes messages, session descriptions and digests, and keeps dialogs' numbers; `messages.py`,
`sdp.py`, `access.py` and `registering.py` are all that know it. Transactions are ours: its own agent answers a
repeated INVITE as a second call, repeats none of its requests, and forgets no call that nobody acknowledged.
"""
