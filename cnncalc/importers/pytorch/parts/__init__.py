"""Networks that cannot be captured as a whole, such as detectors: by those of their modules that can be.

calls      one run, in which every call of a module is noted
capturing  the outermost modules that can be captured, each with its layers
flow       a second run, which follows what each of them reads back to what computed it
regions    layers that act on each region of an image: regions become an axis
assembly   the layers of the parts, with an `unknown` for everything between them
"""
