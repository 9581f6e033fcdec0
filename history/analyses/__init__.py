"""Understanding an interaction: topic, urgency, mood, summary, next best action; each with its method and why."""
