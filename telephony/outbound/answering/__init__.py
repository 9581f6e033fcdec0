"""Who answered: a person, a machine, a fax. Pure; sound, words and time come in."""
