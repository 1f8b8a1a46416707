"""Calibrate a device: time small networks on it (measuring), and fit the coefficients of its times (fitted)."""
