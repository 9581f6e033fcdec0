"""One file for each kind of flow step."""
