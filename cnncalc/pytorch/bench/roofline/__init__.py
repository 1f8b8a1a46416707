"""The roofline: the ceilings of a device, and the least time that a layer needs under them."""
