"""What is worked out of an interaction once it is over: facts, totals for the KPIs; from the log alone."""
