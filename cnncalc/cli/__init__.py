"""The command line: a module per command, which turns options into API calls and prints what a renderer makes."""
