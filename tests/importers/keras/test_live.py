"""Random models against Keras itself, where it is installed: output shapes, parameters, and what is trained of them."""

from __future__ import annotations

import math
import os
import random
import warnings

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    keras = pytest.importorskip("keras")
from cnncalc.errors import Source
from cnncalc.importers.keras.document import Document
from cnncalc.importers.keras.model import read_model
from cnncalc.importers.keras.trace import run

from ...examples import examples
from .models import totals

L = keras.layers
PUBLISHED = {  # parameters, as the table of keras.io/api/applications had them exactly, in 2020
    "Xception": 22_910_480, "VGG16": 138_357_544, "VGG19": 143_667_240, "ResNet50": 25_636_712,
    "ResNet101": 44_707_176, "ResNet152": 60_419_944, "ResNet50V2": 25_613_800, "ResNet101V2": 44_675_560,
    "ResNet152V2": 60_380_648, "InceptionV3": 23_851_784, "InceptionResNetV2": 55_873_736, "MobileNet": 4_253_864,
    "MobileNetV2": 3_538_984, "DenseNet121": 8_062_504, "DenseNet169": 14_307_880, "DenseNet201": 20_242_984,
    "NASNetMobile": 5_326_716, "NASNetLarge": 88_949_818, "EfficientNetB0": 5_330_571, "EfficientNetB1": 7_856_239,
    "EfficientNetB2": 9_177_569, "EfficientNetB3": 12_320_535, "EfficientNetB4": 19_466_823,
    "EfficientNetB5": 30_562_527, "EfficientNetB6": 43_265_143, "EfficientNetB7": 66_658_687,
}  # fmt: skip
APPLICATIONS = [*PUBLISHED] if examples(1) > 1 else [*PUBLISHED][::5]
ACTIVATIONS = (
    None, "relu", "tanh", "softmax", "gelu", "swish", "leaky_relu", "hard_sigmoid", "relu6", "elu", "mish", "softplus",
)  # fmt: skip


def sliding(rng, rank):
    """A layer that slides over a map."""

    def size():
        return rng.randint(1, 4) if rank == 1 or rng.random() < 0.5 else tuple(rng.randint(1, 4) for _ in range(rank))

    def of(name):
        return getattr(L, name.format(f"{rank}D"))

    pad, bias, act, pace = rng.choice(("same", "valid")), rng.random() < 0.5, rng.choice(ACTIVATIONS), rng.randint(1, 3)
    common = {"padding": pad, "use_bias": bias}
    layers = [
        lambda: of("Conv{}")(rng.randint(1, 6), size(), strides=pace, activation=act, **common),
        lambda: of("Conv{}")(rng.randint(1, 6), size(), dilation_rate=rng.randint(1, 2), **common),
        lambda: of("Conv{}Transpose")(rng.randint(1, 4), rng.randint(1, 4), strides=pace, **common),
        lambda: of("MaxPooling{}")(rng.randint(1, 3), strides=rng.choice((None, 1, 2, 3)), padding=pad),
        lambda: of("AveragePooling{}")(rng.randint(1, 3), strides=rng.choice((None, 1, 2)), padding=pad),
        lambda: of("UpSampling{}")(rng.randint(1, 2)),
        lambda: of("ZeroPadding{}")(rng.randint(0, 2)),
        lambda: of("Cropping{}")(rng.randint(0, 1)),
        lambda: of("SpatialDropout{}")(0.3),
    ]
    if rank < 3:
        many = {"depth_multiplier": rng.randint(1, 3)}
        layers += [
            lambda: of("DepthwiseConv{}")(rng.randint(1, 3), strides=rng.randint(1, 2), **many, **common),
            lambda: of("SeparableConv{}")(rng.randint(1, 5), rng.randint(1, 3), **many, **common),
        ]
    return rng.choice(layers)()


def other(rng, rank):
    """A layer that does not slide."""
    flag, act = rng.random() < 0.5, rng.choice(ACTIVATIONS)
    layers = [
        lambda: L.BatchNormalization(scale=flag, center=rng.random() < 0.6, trainable=rng.random() < 0.8),
        lambda: L.LayerNormalization(),
        lambda: L.GroupNormalization(1),
        lambda: L.RMSNormalization(),
        lambda: L.UnitNormalization(),
        lambda: L.Dense(rng.randint(1, 6), use_bias=flag, activation=act),
        lambda: L.Activation(act or "sigmoid"),
        lambda: L.PReLU(shared_axes=rng.choice((None, list(range(1, rank + 1))))),
        lambda: L.LeakyReLU(),
        lambda: L.ReLU(max_value=rng.choice((None, 6.0, 4.0))),
        lambda: L.ELU(),
        lambda: L.Softmax(axis=rng.choice((-1, 1))),
        lambda: L.Rescaling(1 / 255.0, -0.5),
        lambda: L.GaussianNoise(0.1),
        lambda: L.SpatialDropout1D(0.1) if rank == 1 else L.Dropout(0.1),
        lambda: L.Activation(rng.choice(("selu", "sigmoid", "silu", "log_softmax", "linear"))),
        lambda: L.TimeDistributed(L.Dense(rng.randint(1, 4))),
        lambda: L.Permute(tuple(rng.sample(range(1, rank + 2), rank + 1))),
    ]
    if rank == 1:
        mode = rng.choice(("concat", "sum", "mul", "ave"))
        layers += [
            lambda: L.Conv1D(3, 2, padding="causal", dilation_rate=2),
            lambda: L.LSTM(rng.randint(1, 4), return_sequences=True, use_bias=flag),
            lambda: L.GRU(rng.randint(1, 4), return_sequences=True, reset_after=flag),
            lambda: L.SimpleRNN(
                3, return_sequences=True, use_bias=flag, activation=rng.choice(("tanh", "relu", "elu"))
            ),
            lambda: L.Bidirectional(L.GRU(rng.randint(1, 3), return_sequences=True, reset_after=flag)),
            lambda: L.Bidirectional(L.LSTM(2, return_sequences=True), merge_mode=mode),
        ]
    return rng.choice(layers)()


def model_of(seed):
    """A random model: a chain with joins, shared layers, and an end."""
    rng = random.Random(seed)
    rank = rng.choice((1, 2, 2, 2, 3))
    x = entry = keras.Input((*(rng.randint(5, 12) for _ in range(rank)), rng.randint(1, 4)))
    for _ in range(rng.randint(1, 7)):
        try:
            layer = rng.choice((sliding, other))(rng, rank)
            y = layer(x)
            y = layer(y) if rng.random() < 0.1 else y
        except (ValueError, RuntimeError, TypeError):  # Keras refuses it
            continue
        if 0 in y.shape[1:]:
            continue
        if rng.random() < 0.2:
            joins = (L.Add, L.Multiply, L.Concatenate, L.Average, L.Maximum, L.Minimum, L.Subtract)
            try:
                y = rng.choice(joins)()([y, x])
            except ValueError:
                continue
        x = y
    return keras.Model(entry, end(rng, rank, x))


def end(rng, rank, x):
    """A head for some of the models."""
    kind = rng.random()
    if kind < 0.3:
        return L.Dense(rng.randint(1, 9))(L.Flatten()(x))
    if kind < 0.5:
        return getattr(L, f"GlobalAveragePooling{rank}D")(keepdims=rng.random() < 0.3)(x)
    if kind < 0.65:
        count = math.prod(x.shape[1:])
        shape = rng.choice(((count,), (-1,), (count, 1), (1, count), (-1, x.shape[-1])))
        return L.Dense(3)(L.Reshape(shape)(x))
    if rank == 1 and kind < 0.8:
        last = rng.choice((L.LSTM, L.GRU, L.SimpleRNN))(3, use_bias=rng.random() < 0.5)
        return L.RepeatVector(3)(rng.choice((last, L.Bidirectional(last)))(x))
    if rank == 1 and kind < 0.9:
        return L.Dot(rng.choice((1, 2)))([x, x])
    return x


@pytest.mark.filterwarnings("ignore")
def test_300_random_models():
    """`CNNCALC_EXAMPLES=10` tries ten times as many."""
    for seed in range(examples(300)):
        model = model_of(seed)
        if len(model.layers) < 2:
            continue
        tracing, _, outputs = run(read_model(Document(Source("model.json", model.to_json()))))
        assert [value.shape for value in outputs] == [tuple(each.shape[1:]) for each in model.outputs], seed
        trained = sum(math.prod(weight.shape) for weight in model.trainable_weights)
        assert totals(tracing) == (model.count_params(), trained), seed


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_application(name):
    """The networks of keras.applications, whose numbers its documentation lists: built without memory for weights."""
    try:
        with keras.device("meta"):
            model = getattr(keras.applications, name)(weights=None)
    except ValueError as error:  # NASNet, on the torch backend; a file of it is among the public ones
        pytest.skip(str(error))
    tracing, _, outputs = run(read_model(Document(Source("model.json", model.to_json()))))
    assert [value.shape for value in outputs] == [(1000,)]
    trained = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    assert totals(tracing) == (PUBLISHED[name], trained)
    assert totals(tracing)[0] == model.count_params()
