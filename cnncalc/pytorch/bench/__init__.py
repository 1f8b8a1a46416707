"""Measure how fast the network of a graph runs, and how close that is to what the machine can do.

settings ─▶ session ─▶ subject (the network, set up) ─▶ timing ─▶ results (run, record, environment)
               │           memory (the largest batch, peaks, the predicted)   roofline (ceilings, bounds)
               └▶ devices: cpu, cuda, mps, each a few calls behind one protocol; team: the ranks of torchrun
"""
