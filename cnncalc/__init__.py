"""Shapes, stride fit and parameters of convolutional networks, from a YAML spec."""
