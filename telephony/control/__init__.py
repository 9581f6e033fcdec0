"""What can be done to a call beside its sound: `contract.py` says what, one file for each phone system does it."""
