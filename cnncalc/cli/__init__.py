"""The command line: one module per command, which turns options into API calls and prints the rendered result."""
