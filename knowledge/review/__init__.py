"""What callers asked and were not answered: found in their calls, put together, turned into phrasings and articles."""
