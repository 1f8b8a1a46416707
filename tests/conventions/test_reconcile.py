"""The difference between any two conventions is the sum of its parts, exactly, for every network that is imported.

Networks written here in the ordinary run; `CNNCALC_IMPORT=1` takes all of torchvision's and timm's.
"""

import os
from fractions import Fraction
from functools import lru_cache

import pytest

import cnncalc
from cnncalc.conventions import CONVENTIONS
from cnncalc.conventions import reconcile as reconciling
from cnncalc.conventions.reconcile import OWN, explain_number, reconcile, tally_of

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402 - needs torch
from torch.nn import functional  # noqa: E402 - needs torch

from .hand_written import Attending, Convolutional  # noqa: E402 - needs torch
from .networks import TIMM, TORCHVISION, of_timm, of_torchvision  # noqa: E402 - needs torch

NAMES = (*OWN, *CONVENTIONS)
EVERY = [*TORCHVISION, *TIMM] if os.environ.get("CNNCALC_IMPORT") else []
pytestmark = pytest.mark.filterwarnings("ignore")


class Recurrent(nn.Module):
    """Words, with the weights of the embedding in the output too."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 16)
        self.lstm = nn.LSTM(16, 16, num_layers=2, batch_first=True)
        self.gru = nn.GRU(16, 8, batch_first=True, bidirectional=True)
        self.encoder = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.head = nn.Linear(16, 50, bias=False)
        self.head.weight = self.words.weight

    def forward(self, x):
        x = self.gru(self.lstm(self.words(x.long().flatten(1)))[0])[0]
        return self.head(self.encoder(x)).softmax(-1)


class Unknown(nn.Module):
    """Operations that are no layer of ours, two outputs, and a parameter that is never used."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding="same")
        self.up = nn.ConvTranspose2d(8, 4, 4, stride=2, padding=1)
        self.norm = nn.InstanceNorm2d(4, affine=True)
        self.never = nn.Linear(4, 4)

    def forward(self, x):
        x = self.conv(x)
        found = torch.fft.rfft2(x).abs()
        y = functional.celu(self.norm(self.up(x)))
        return {"found": found.cumprod(1), "mean": (y.sigmoid() * y).mean((2, 3))}


HERE = {"Convolutional": Convolutional, "Attending": Attending, "Recurrent": Recurrent, "Unknown": Unknown}


@lru_cache(maxsize=len(HERE))
def imported(name):
    if name in HERE:
        model, shape = HERE[name]().eval(), (1, 12) if name == "Recurrent" else (3, 32, 32)
    else:
        model, shape = (of_torchvision if name in TORCHVISION else of_timm)(name)
    return cnncalc.from_torch(model, shape).graph()


@pytest.mark.parametrize("name", [*HERE, *EVERY])
def test_any_two_differ_by_the_sum_of_the_parts(name, monkeypatch):
    graph = imported(name)
    tallies = {each: tally_of(each, graph) for each in NAMES}
    monkeypatch.setattr(reconciling, "tally_of", lambda name, graph: tallies[name])
    for first in NAMES:
        for second in NAMES:
            found = reconcile(graph, first, second)
            before, after = tallies[first][1].total, tallies[second][1].total
            assert (found.first_total, found.second_total) == (before, after)
            assert sum(part.difference for part in found.parts) == after - before
            assert len({part.kind for part in found.parts}) == len(found.parts)
            assert all(part.unknown or part.difference for part in found.parts)


@pytest.mark.parametrize("name", HERE)
def test_a_printed_number_is_the_sum_of_the_parts_and_the_rest(name):
    graph = imported(name)
    for first in ("macs", "thop", "torchlens"):
        total = tally_of(first, graph)[1].total
        for number in (total, total + 1, total * 2 + 1, tally_of("flops", graph)[1].total):
            for exact in (True, False):
                found = explain_number(graph, first, Fraction(number), exact)
                assert found.first_total + sum(part.difference for part in found.parts) + found.rest == number
