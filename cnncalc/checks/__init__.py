"""What CI holds an architecture to: rules, one file each, and the expectations of a spec."""
