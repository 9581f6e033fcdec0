"""What to say next: flowbooks, the pure engine, understanding."""
