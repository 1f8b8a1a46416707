"""Checks architectures, for example in CI: rules, one file each, and the expectations of a spec."""
