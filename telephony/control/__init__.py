"""What can be done to a call beside its sound: one file for each phone system."""
