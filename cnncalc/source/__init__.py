"""YAML text → nodes with places, its faults, and safe replacement of files."""
