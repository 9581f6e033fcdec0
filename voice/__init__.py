"""Sound into words and words into sound."""
