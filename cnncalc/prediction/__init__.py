"""Predicts how long a network takes on a device, from kernels that follow from its shapes and a fit to measured runs.

kernels, fusing (what runs) ─▶ predict (seconds of every kernel, by the terms of the device's fit) ─▶ interval
"""
