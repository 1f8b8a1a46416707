"""Loads whatever names a network, on the command line or in Python, as a `Spec`.

| name | what it is |
|---|---|
| `net.onnx`, `net.prototxt`, `net.cfg`, `model.json`, `torch:package.module:factory` | imported: `importers.FORMATS` |
| `yolov8.yaml`, `yolov8.yaml@n`, `yolov8n.yaml` | a model file of Ultralytics', read as a spec with variants |
| `relu`, `conv: {out_channels: 10, kernel_size: 5}` | an item: one layer, or a list of them |
| `HEAD~1:net.yaml` | a spec from git |
| `net.yaml`, `-` | a file, the standard input |
| `alexnet`, `resnet@50` | a shipped network, and a variant of it |

Only a name that a person typed, a `str`, is any of these. What a folder, a pattern, pyproject.toml or git lists is a
`Path`: a file, whatever its name looks like.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cnncalc.errors import Fault, FaultText, Source, UsageError
from cnncalc.importers import FORMATS, format_of
from cnncalc.loading.names import is_code, is_item, is_revision, locate, refuse_foreign, say_if_shipped, split_variant
from cnncalc.quantities.shapes import Given
from cnncalc.source.reading import read
from cnncalc.spec import Spec, parse_item, parse_source

if TYPE_CHECKING:  # imported where they are needed
    from torch import nn

    from cnncalc.importers.traced import Traced

Warn: TypeAlias = Callable[[str], object]


def load(name: str | Path, input: Given | None = None, *, warn: Warn | None = None) -> Spec:  # noqa: A002
    """The spec of anything that names a network on the command line.

        >>> cnncalc.load("resnet@50").analyze().params
        25557032
        >>> cnncalc.load("conv: {out_channels: 10, kernel_size: 5}").analyze(input=(3, 32, 32)).outputs
        {'output': (10, 28, 28)}

    Args:
        name: a file (`net.yaml`, or `-` for the standard input); a shipped network (`alexnet`, `resnet@50`);
            layers written out, one or a list; a spec from git (`HEAD~1:net.yaml`); a network to import (`net.onnx`,
            `net.prototxt`, `model.json`, `net.keras`, `torch:torchvision.models:resnet50`, whose code is run). A `Path`
            is always a file.
        input: the sizes at which a network is imported, channels first and without the batch.
        warn: called with each sentence that the reader of the spec should know; by default `warnings.warn`.

    Raises:
        UsageError: there is no such file, network, variant or revision, or it cannot be imported.
        SpecError: the spec has faults; all that can be told apart are listed. Those of `expect` and `check` alone are
            warnings: only `cnncalc.check` needs these.
    """

    def tell(fault: Fault) -> None:
        (warn or _warn)(FaultText(fault))

    text = str(name)
    if not text.strip():
        raise UsageError("an empty SPEC: name a file, a shipped network or a layer")
    if isinstance(name, Path):
        if (format_ := format_of(name)) and not format_.says:
            return import_network(name, input, warn=warn)
        refuse_foreign(name)
        return parse_source(read(name), tell)
    if not is_code(text):
        if is_item(text):
            return parse_item(text)
        if is_revision(text):
            source, variant = out_of_git(text)
            return parse_source(source, tell).at(variant)
    if (format_ := format_of(text)) and not format_.says:
        return import_network(text, input, warn=warn)
    stem, variant = split_variant(text)
    place = locate(stem)
    say_if_shipped(stem, warn or _warn)
    return parse_source(read(place), tell).at(variant)


def import_network(
    name: str | Path,
    input: Given | None = None,  # noqa: A002
    arguments: Mapping[str, str] | None = None,
    *,
    flat: bool = False,
    warn: Warn | None = None,
) -> Spec:
    """The spec of a network in another format; its `text` is what `cnncalc import` writes.

    What a spec cannot express becomes an `unknown` layer, with a warning.

        spec = cnncalc.import_network("torch:torchvision.models:resnet50", input=(3, 224, 224))
        Path("resnet50.yaml").write_text(spec.text)

    Args:
        name: `net.onnx`, `net.prototxt`, `net.cfg`, `net.lua`, `net.js`, `model.json`, `net.keras`, `net.h5`,
            `yolov8.yaml`, or `torch:package.module:factory`, whose code is run.
        input: the sizes of its input, channels first and without the batch; by name if there are several. By default,
            those in the file.
        arguments: the arguments for a PyTorch factory, as text.
        flat: write one flat list of layers, named by their paths, without blocks, residuals, branches and repeats.
        warn: called with each sentence that the reader of the spec should know; by default `warnings.warn`.

    Raises:
        UsageError: it cannot be imported.
        SpecError: a prototxt, a cfg, a Keras or an Ultralytics model has faults.
    """
    text = str(name)
    stem, variant = (text, None) if isinstance(name, Path) else split_variant(text)
    format_ = format_of(name)
    if format_ is None and not isinstance(name, Path):  # a path is never code
        format_ = format_of(stem)
    if format_ is not None and format_.says:
        format_.refuse_arguments(text, arguments)
        if flat:
            raise UsageError(f"{text}: --flat: such a model is written with its modules as blocks")
        return _written(stem, variant, input, warn or _warn)
    if format_ is None:
        from cnncalc.loading.foreign import foreign_format

        if how := foreign_format(text):
            raise UsageError(f"{text}: {how}")
        *files, last = (each.example for each in FORMATS)
        raise UsageError(f"'{text}': expected {', '.join(files)} or {last}")
    return _spec_of(format_.read(text, input, arguments), flat, warn, text)


def _written(name: str, variant: str | None, sizes: Given | None, warn: Warn) -> Spec:
    """The spec that a file says in other words, written out."""
    from cnncalc.importers.ultralytics import translate

    translated = translate(read(name), variant, sizes)
    for fault in translated.faults:
        warn(FaultText(fault))
    return Spec(translated.written())


def from_torch(module: nn.Module, input_shape: Given, name: str | None = None, flat: bool = False) -> Spec:
    """The spec of a PyTorch network. What a spec cannot express becomes an `unknown` layer, with a warning.

    Args:
        module: the network. It is captured in evaluation mode, on tensors without data, and not changed.
        input_shape: channels first and without the batch: `(3, 224, 224)`; for several inputs a shape for each name, in
            the order in which `forward` takes them.
        name: the name of the network; by default that of its class.
        flat: write one flat list of layers, named by their paths, without blocks, residuals, branches and repeats.

    Raises:
        UsageError: PyTorch is not installed, the network's code fails on such an input, or it depends on the data in
            its tensors.
    """
    from cnncalc.importers import traced_module

    return _spec_of(traced_module(module, input_shape, name), flat)


def out_of_git(name: str) -> tuple[Source, str | None]:
    """The text that `REV:path` names, and the variant in `REV:path@variant`.

    Raises:
        UsageError: git has no such text, or it is not a spec but a network to import.
    """
    format_ = format_of(name)
    if format_ and not format_.says:
        raise UsageError(f"{name}: out of git only a spec is read: check the file out, and name it")
    from cnncalc.source.revision import read_revision

    stem, _, variant = name.rpartition("@")
    if stem.lower().endswith((".yaml", ".yml")):
        return read_revision(stem), variant
    return read_revision(name), None


def _spec_of(traced: Traced, flat: bool, warn: Warn | None = None, name: str | None = None) -> Spec:
    """The spec of a traced network; whatever it cannot express exactly is a warning."""
    from cnncalc.importers.writing.spec_text import spec_document

    warn = warn or _warn
    for warning in traced.warnings:
        warn(f"{traced.name}: {warning}")
    return Spec(spec_document(traced, flat, warn, name))


def _warn(sentence: str) -> None:
    """Warn at the line outside of this package that made the call."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and str(frame.f_globals.get("__name__")).partition(".")[0] == "cnncalc":
        frame, level = frame.f_back, level + 1
    warnings.warn(sentence, stacklevel=level)
