"""Devices as data: a YAML file each, with its peaks, their source, and coefficients fitted to runs on it."""
