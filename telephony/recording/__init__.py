"""Recording of calls: two tracks on one clock, Opus in Ogg files, written by a thread of its own as the call goes."""
