"""What the history owes to the people in it: an audit log, legal holds, retention, erasure, and what they may take."""
