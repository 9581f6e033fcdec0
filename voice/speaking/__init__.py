"""Words into sound: synthesizers, the prompt cache, barge-in."""
