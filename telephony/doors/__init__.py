"""One file for each kind of door: its settings, how a far end proves who it is, its routes or its listening port."""
