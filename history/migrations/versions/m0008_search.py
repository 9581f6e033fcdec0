"""Full-text search: documents, the words in them, and each database's own index."""

import sqlalchemy as sa
from alembic import op

from history.schema import key, words

revision = "0008"
down_revision = "0007"

FTS5 = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(body, facets, content='', tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE search_gram USING fts5(word, tokenize='trigram')",
)


def _tenant() -> "sa.Column[str]":
    return sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False)


def upgrade() -> None:
    op.create_table(
        "search_document",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), nullable=False),
        _tenant(),
        sa.Column("channel", words(255), nullable=False),
        sa.Column("line", words(255), nullable=False),
        sa.Column("contact_id", key(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("ix_search_document_interaction_id", "search_document", ["interaction_id"], unique=True)
    op.create_table(
        "search_word",
        sa.Column("word", key(32), primary_key=True),
        _tenant(),
        sa.Column("documents", sa.Integer(), nullable=False),
    )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in FTS5:
            op.execute(statement)
        return
    op.execute("CREATE INDEX ix_search_document_body ON search_document USING gin (to_tsvector('italian', body))")
    # Where the database has pg_trgm and this user may take it; without it misspelled words are not guessed.
    if connection.execute(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")).first():
        with connection.begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            op.execute("CREATE INDEX ix_search_word_gram ON search_word USING gin (word gin_trgm_ops)")
