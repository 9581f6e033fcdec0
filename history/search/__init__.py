"""Full-text search over transcripts and notes: FTS5, or PostgreSQL's tsvector and pg_trgm, behind one `Search`."""
