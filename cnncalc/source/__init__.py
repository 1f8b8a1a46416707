"""From the text of a spec to nodes with their places, and back into a file: YAML, its faults, files replaced whole."""
