"""How fast the network of a graph runs, and how close that is to what the machine can do.

session ─▶ subject (the network, set up) ─▶ timing ─▶ Run ─▶ record (save, compare)
   │          batches (the largest that fits)   layers (per layer), ceilings + bounds (the roofline)
   └▶ devices: cpu, cuda, mps, each a few calls behind the protocol of `device`; team: the ranks of torchrun
"""
