"""The sample company and its callers, shipped with the program so that it can show itself at once."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
"""Where the sample data is: `bookshop/` holds the company, `bookshop/callers/` the callers' voices."""
