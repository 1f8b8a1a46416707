"""Solves for inputs that a network accepts or fits, for layer fields that give an output size, and for fixes of a
bad fit.
"""
