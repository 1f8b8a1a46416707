"""A run, where it was made, and how it is saved and compared."""
