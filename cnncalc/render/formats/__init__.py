"""How a `View` or a list of findings is written, one file per format."""
