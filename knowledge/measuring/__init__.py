"""How well sentences are understood, measured on data sets: readers, splits, noise, figures."""
