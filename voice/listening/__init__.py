"""Sound into words: voice activity, endpointing, recognizers and the worker processes they run in."""
