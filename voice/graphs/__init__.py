"""Static decoding graphs for Vosk models that come with two halves of one."""
