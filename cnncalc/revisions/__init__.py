"""Compares all specs of a git repository between two revisions, or between a revision and the working tree."""
