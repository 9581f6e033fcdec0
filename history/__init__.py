"""The shared interaction history: an append-only log of events for every interaction, and views on it."""

from history.contact_rows import UnknownContact, UnknownMerge
from history.contact_story import Stories, Story
from history.contacts import ContactDetail, Contacts
from history.database import Database, HistoryUnavailable
from history.events import Entry, StoredEvent
from history.ids import new_id
from history.journal import Journal
from history.lost_calls import LostCall, LostCalls
from history.open_matters import OpenMatter
from history.postgres import Postgres
from history.projections import Callback, Interaction, Media, Segment
from history.sole_writer import SoleWriter, writer_of
from history.sqlite_file import SqliteFile
from history.subscriptions import Gap, Subscription
from history.timeline import DialogStep, InteractionDetail, Timeline, UnknownInteraction

__all__ = [
    "Callback",
    "ContactDetail",
    "Contacts",
    "Database",
    "DialogStep",
    "Entry",
    "Gap",
    "HistoryUnavailable",
    "Interaction",
    "InteractionDetail",
    "Journal",
    "LostCall",
    "LostCalls",
    "Media",
    "OpenMatter",
    "Postgres",
    "Segment",
    "SoleWriter",
    "SqliteFile",
    "StoredEvent",
    "Stories",
    "Story",
    "Subscription",
    "Timeline",
    "UnknownContact",
    "UnknownInteraction",
    "UnknownMerge",
    "new_id",
    "writer_of",
]
