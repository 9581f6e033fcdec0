"""A history that was made up, for measuring: a bookshop's year on every channel, the same again from the same seed."""
