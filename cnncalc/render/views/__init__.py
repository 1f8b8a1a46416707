"""Builds what each command shows, as a `View`; one file per command."""
