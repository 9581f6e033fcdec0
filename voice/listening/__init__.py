"""From a caller's sound to words.

`workers.Recognizers` opens a recognizer for a call; `listener.Listener` feeds it and tells the events of `heard`.
"""
