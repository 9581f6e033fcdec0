"""Queue, offers and presence of the people who take calls."""
