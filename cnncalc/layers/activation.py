"""Activations: functions applied to each element."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from cnncalc.errors import LayerError
from cnncalc.layers.elementwise import INPLACE, Elementwise
from cnncalc.layers.fields import Choice, Count, Number
from cnncalc.layers.layer import Require, Shape, Weights, arg, single
from cnncalc.layers.operations import Operations
from cnncalc.layers.ranges import ANY, NEGATIVE, ONE, POSITIVE, UNIT, UP_TO_SIX, Range
from cnncalc.layers.saved import INPUT, OUTPUT, Saved, Wanted, input_or_copy
from cnncalc.quantities.sizes import numel
from cnncalc.symbolic import Size, relation_eq


class Activation(Elementwise):
    """Base class of elementwise nonlinear functions; most of them preserve the sign."""

    activation: ClassVar[bool] = True
    keeps_sign: ClassVar[bool] = True
    stand_in: ClassVar[str | None] = "leaky_relu"  # has a non-zero slope everywhere


class _InPlace(Activation):
    """An activation that PyTorch can compute in place."""

    inplace: bool = arg(INPLACE, False)


class _NeedsInput(_InPlace):
    """An in-place activation whose gradient needs its input, so that PyTorch saves a copy of it."""

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, or a copy of it where it is overwritten."""
        return input_or_copy(self.inplace, output)


class Relu(_InPlace):
    """max(0, x)."""

    kind: ClassVar[str] = "relu"
    saves: ClassVar[Saved | None] = OUTPUT
    costs: ClassVar[Operations | None] = Operations(compare=1)
    output_range: ClassVar[Range | None] = POSITIVE
    unchanged_range: ClassVar[Range | None] = POSITIVE


class Relu6(_NeedsInput):
    """min(max(0, x), 6)."""

    kind: ClassVar[str] = "relu6"
    costs: ClassVar[Operations | None] = Operations(compare=2)
    output_range: ClassVar[Range | None] = UP_TO_SIX
    unchanged_range: ClassVar[Range | None] = UP_TO_SIX


class LeakyRelu(Activation):
    """x where positive, negative_slope·x elsewhere."""

    kind: ClassVar[str] = "leaky_relu"
    saves: ClassVar[Saved | None] = INPUT
    natural: ClassVar[str | None] = "negative_slope"
    costs: ClassVar[Operations | None] = Operations(compare=1, multiply=1)
    unchanged_range: ClassVar[Range | None] = POSITIVE

    negative_slope: int | Fraction = arg(Number("slope for negative inputs"), Fraction("0.01"))
    inplace: bool = arg(INPLACE, False)


class Prelu(Activation):
    """x where positive, a trainable slope times x elsewhere (He, arXiv:1502.01852)."""

    kind: ClassVar[str] = "prelu"
    saves: ClassVar[Saved | None] = INPUT
    natural: ClassVar[str | None] = "num_parameters"
    costs: ClassVar[Operations | None] = Operations(compare=1, multiply=1)
    unchanged_range: ClassVar[Range | None] = POSITIVE
    stand_in: ClassVar[str | None] = None

    num_parameters: Size = arg(Count("number of trainable slopes: 1, or in_channels for one per channel"), 1)
    init: int | Fraction = arg(Number("initial slope"), Fraction("0.25"))

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape; there must be one slope, or one per channel."""
        shape = single(inputs)
        if self.num_parameters != 1:
            require(
                relation_eq(self.num_parameters, shape[0]),
                lambda: LayerError(
                    f"prelu: num_parameters (={self.num_parameters}) must be 1 or the number of channels (={shape[0]})",
                    field="num_parameters",
                ),
            )
        return shape

    def weights(self, inputs: Sequence[Shape], output: Shape) -> Weights:
        """[num_parameters]."""
        return {"weight": (self.num_parameters,)}


class Elu(Activation):
    """x where positive, alpha·(eˣ − 1) elsewhere."""

    kind: ClassVar[str] = "elu"
    saves: ClassVar[Saved | None] = INPUT
    natural: ClassVar[str | None] = "alpha"
    costs: ClassVar[Operations | None] = Operations(compare=1, exp=1, add=1, multiply=1)
    unchanged_range: ClassVar[Range | None] = POSITIVE

    alpha: int | Fraction = arg(Number("minus the limit at −∞"), 1)
    inplace: bool = arg(INPLACE, False)


class Selu(_InPlace):
    """ELU scaled so that mean 0 and variance 1 are preserved (Klambauer, arXiv:1706.02515)."""

    kind: ClassVar[str] = "selu"
    saves: ClassVar[Saved | None] = INPUT
    costs: ClassVar[Operations | None] = Operations(compare=1, exp=1, add=1, multiply=2)


class Celu(Activation):
    """ELU with a continuous derivative: max(0, x) + min(0, alpha·(e^(x/alpha) − 1))."""

    kind: ClassVar[str] = "celu"
    saves: ClassVar[Saved | None] = INPUT
    natural: ClassVar[str | None] = "alpha"
    costs: ClassVar[Operations | None] = Operations(compare=2, divide=1, exp=1, add=2, multiply=1)
    unchanged_range: ClassVar[Range | None] = POSITIVE

    alpha: int | Fraction = arg(Number("minus the limit at −∞; must not be zero"), 1)
    inplace: bool = arg(INPLACE, False)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        if self.alpha == 0:
            raise LayerError("celu: alpha (=0) must not be zero", field="alpha")
        return super().output(inputs, require)


class Gelu(Activation):
    """x·Φ(x), with the normal distribution function Φ (Hendrycks, arXiv:1606.08415)."""

    kind: ClassVar[str] = "gelu"
    saves: ClassVar[Saved | None] = INPUT
    natural: ClassVar[str | None] = "approximate"

    approximate: str = arg(Choice("how Φ is computed", ("none", "tanh")), "none")

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """x/2·(1 + erf(x/√2)) per element, or x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))."""
        exact = Operations(multiply=3, add=1, erf=1)
        each = exact if self.approximate == "none" else Operations(multiply=6, add=2, tanh=1)
        return each.times(numel(output))


class Silu(_NeedsInput):
    """x·sigmoid(x), also called swish."""

    kind: ClassVar[str] = "silu"
    costs: ClassVar[Operations | None] = Operations(exp=1, add=1, divide=1, multiply=1)


class Mish(_NeedsInput):
    """x·tanh(softplus(x))."""

    kind: ClassVar[str] = "mish"
    costs: ClassVar[Operations | None] = Operations(exp=1, add=1, log=1, tanh=1, multiply=1)


class Sigmoid(Activation):
    """1/(1 + e⁻ˣ)."""

    kind: ClassVar[str] = "sigmoid"
    saves: ClassVar[Saved | None] = OUTPUT
    costs: ClassVar[Operations | None] = Operations(exp=1, add=1, divide=1)
    output_range: ClassVar[Range | None] = UNIT


class Tanh(Activation):
    """The hyperbolic tangent."""

    kind: ClassVar[str] = "tanh"
    saves: ClassVar[Saved | None] = OUTPUT
    costs: ClassVar[Operations | None] = Operations(tanh=1)
    output_range: ClassVar[Range | None] = Range(-ONE, ONE)


class Abs(Activation):
    """The absolute value."""

    kind: ClassVar[str] = "abs"
    saves: ClassVar[Saved | None] = INPUT
    costs: ClassVar[Operations | None] = Operations(compare=1)
    output_range: ClassVar[Range | None] = POSITIVE
    unchanged_range: ClassVar[Range | None] = POSITIVE


class Hardswish(_NeedsInput):
    """x·min(max(0, x + 3), 6)/6 (MobileNetV3)."""

    kind: ClassVar[str] = "hardswish"
    costs: ClassVar[Operations | None] = Operations(add=1, compare=2, multiply=1, divide=1)


class Hardsigmoid(_NeedsInput):
    """min(max(0, x + 3), 6)/6."""

    kind: ClassVar[str] = "hardsigmoid"
    costs: ClassVar[Operations | None] = Operations(add=1, compare=2, divide=1)
    output_range: ClassVar[Range | None] = UNIT


class Hardtanh(Activation):
    """x, clamped between two bounds."""

    kind: ClassVar[str] = "hardtanh"
    costs: ClassVar[Operations | None] = Operations(compare=2)

    min_val: int | Fraction = arg(Number("lower bound"), -1)
    max_val: int | Fraction = arg(Number("upper bound"), 1)
    inplace: bool = arg(INPLACE, False)

    def output(self, inputs: Sequence[Shape], require: Require) -> Shape:
        """The input shape."""
        if self.min_val >= self.max_val:
            raise LayerError(
                f"hardtanh: min_val (={self.min_val}) must be smaller than max_val (={self.max_val})", field="min_val"
            )
        return super().output(inputs, require)

    def saved(self, inputs: Sequence[Shape], output: Shape, wanted: Wanted) -> Saved:
        """The input, or a copy of it where it is overwritten."""
        return input_or_copy(self.inplace, output)

    @property
    def fixed(self) -> Range:
        """The values between the bounds, which are left unchanged."""
        return Range(Fraction(self.min_val), Fraction(self.max_val))

    def range(self, entering: Sequence[Range]) -> Range:
        """Between the bounds."""
        return self.fixed


class Softplus(Activation):
    """log(1 + e^(beta·x))/beta."""

    kind: ClassVar[str] = "softplus"
    saves: ClassVar[Saved | None] = INPUT

    beta: int | Fraction = arg(Number("sharpness of the bend"), 1)
    threshold: int | Fraction = arg(Number("value of beta·x above which the function is linear"), 20)

    def operations(self, inputs: Sequence[Shape], output: Shape) -> Operations:
        """A comparison, an exponential, an addition and a logarithm per element; scaling if beta is not 1."""
        scaled = Operations() if self.beta == 1 else Operations(multiply=1, divide=1)
        return (Operations(compare=1, exp=1, add=1, log=1) + scaled).times(numel(output))

    def range(self, entering: Sequence[Range]) -> Range:
        """Non-negative for positive beta, non-positive for negative; unbounded if the threshold is negative."""
        if self.threshold < 0 or self.beta == 0:
            return ANY
        return POSITIVE if self.beta > 0 else NEGATIVE
