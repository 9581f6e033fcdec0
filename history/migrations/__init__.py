"""Alembic migrations, run inside the process when the journal opens."""
