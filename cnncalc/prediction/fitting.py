"""Fits the coefficients of a device to measured times: non-negative, with the least relative error. Needs numpy.

A coefficient per term minimizes |log(predicted/measured)|, by iteratively reweighted least squares; every step is the
non-negative least squares of Lawson and Hanson. What a fit says of networks that it has not seen is measured by leaving
them out.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

Array = Any  # numpy's, of floats

ROUNDS = 12
TOLERANCE = 0.02  # logarithms smaller than this weigh alike
TINY = 1e-300


def fit(amounts: Array, seconds: Array) -> Array:
    """Seconds per unit of every term.

    Args:
        amounts: [runs, terms]; what every run multiplies, moves and launches.
        seconds: [runs]; the measured times.
    """
    scale = amounts.mean(0)
    scale[scale == 0] = 1
    weights, predicted = np.ones(len(seconds)), seconds.copy()
    found = np.zeros(amounts.shape[1])
    for _ in range(ROUNDS):
        base = np.sqrt(predicted * seconds)
        found = nnls(amounts / scale / base[:, None] * weights[:, None], seconds / base * weights, found > 0) / scale
        predicted = np.maximum(amounts @ found, 1e-3 * seconds)
        weights = 1 / np.sqrt(np.maximum(np.abs(np.log(predicted / seconds)), TOLERANCE))
    return found


def held_out(amounts: Array, seconds: Array, groups: Sequence[Hashable]) -> Array:
    """The prediction of every run by a fit to the runs of all other groups; [runs]."""
    predicted = np.zeros(len(seconds))
    for group in dict.fromkeys(groups):
        out = np.array([each == group for each in groups])
        predicted[out] = amounts[out] @ fit(amounts[~out], seconds[~out])
    return predicted


def nnls(left: Array, right: Array, guess: Array | None = None) -> Array:
    """The non-negative least squares solution (Lawson and Hanson, 1974, algorithm 23.10).

    Args:
        left: [runs, terms].
        right: [runs].
        guess: [terms]; which terms may be above 0. A good guess saves steps and does not change the solution.
    """
    square, target = left.T @ left, left.T @ right
    count = len(target)
    solution, free = np.zeros(count), np.zeros(count, bool)
    if guess is not None and guess.any():
        trial = _solve(square, target, guess)
        if trial[guess].min() > 0:
            solution, free = trial, guess.copy()
    for _ in range(10 * count):
        gradient = np.where(free, -np.inf, target - square @ solution)
        best = int(np.argmax(gradient))
        if free.all() or gradient[best] <= 1e-10 * np.abs(target).max():
            break
        free[best] = True
        solution = _descend(square, target, solution, free)
    return solution


def _descend(square: Array, target: Array, solution: Array, free: Array) -> Array:
    """The least squares solution over the free terms; terms that would become negative are fixed at 0."""
    while free.any():
        trial = _solve(square, target, free)
        if trial[free].min() > 0:
            return trial
        falling = free & (trial <= 0)
        step = np.min(solution[falling] / (solution[falling] - trial[falling] + TINY))
        solution = solution + step * (trial - solution)
        free &= solution > 1e-14 * max(solution.max(), TINY)
        solution[~free] = 0
    return solution


def _solve(square: Array, target: Array, free: Array) -> Array:
    """The least squares solution over the free terms, 0 elsewhere."""
    found = np.zeros(len(target))
    found[free] = np.linalg.lstsq(square[np.ix_(free, free)], target[free], rcond=None)[0]
    return found
