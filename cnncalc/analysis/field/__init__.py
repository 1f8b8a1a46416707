"""Receptive fields: what each layer sees of the inputs, in closed form, and what one position sees."""
