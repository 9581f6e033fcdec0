"""What other channels send: CloudEvents in, and files of other forms turned into them. Nothing here reads or writes."""
