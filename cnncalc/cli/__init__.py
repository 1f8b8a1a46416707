"""The command line: one module per command, which turns options into calls of the API and prints what a renderer makes."""
