"""Writes what `cnncalc help` shows as Markdown: pages and entries of the language, layers, fields and rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from cnncalc import manual
from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Choice, Factor, Field, Number, Padding, PerAxis, Whole
from cnncalc.layers.indices import Dimension, Dimensions
from cnncalc.layers.layer import MISSING, Argument, Layer
from cnncalc.names import RULE_NAMES
from cnncalc.render.views.layer_list import field_text, summary

WIDTH = 78  # of the arithmetic in the page of a layer
SHAPES = ((16, 24, 24), (16,), (16, 8), (9, 1, 1), (48, 8))  # inputs of examples: the first that a layer accepts
SAMPLES: dict[type[Field], str] = {  # values of the fields of examples, if not 4
    PerAxis: "3", Padding: "1", Dimension: "1", Number: "2", Factor: "2", Whole: "[-1]", Dimensions: "[2, 3, 1]",
}  # fmt: skip
OVERVIEW = """\
A topic is a word of the language, a layer, a field, a function, a rule of `check`, or a command:
`cnncalc help residual`, `cnncalc help conv`, `cnncalc help round_to`. `cnncalc list --layers` lists
the layers, `cnncalc rule` the rules."""


def overview() -> str:
    """The list of the pages, in groups."""
    parts = [OVERVIEW]
    for heading, names in manual.groups().items():
        items = (f"- `{page.name}`: {page.summary}" for page in map(manual.page, names))
        parts += [f"## {heading}", "\n".join(items)]
    return "\n\n".join(parts) + "\n"


def topic(word: str) -> str | None:
    """What is known of a topic; None if nothing is."""
    name = "$name" if word.startswith("$") else word
    parts = [*_of_the_language(name)]
    if name in LAYERS:
        parts.append(layer_page(LAYERS[name]))
    if name in RULE_NAMES:
        from cnncalc.checks.table import rules
        from cnncalc.render.views.rules import rule_markdown

        parts.append(rule_markdown(rules()[name]))
    if not parts or name in manual.entries():
        parts += _of_fields(name)
    return "\n\n".join(part.strip() for part in parts) + "\n" if parts else None


def topics() -> Iterator[str]:
    """All topics except commands."""
    yield from (page.name for page in manual.pages())
    yield from manual.entries()
    yield from LAYERS
    yield from RULE_NAMES
    yield from (name for layer in LAYERS.values() for name in layer.arguments)


def mentions(words: str) -> list[str]:
    """The pages and layers whose texts contain these words, in order."""
    texts = {page.name: page.text for page in manual.pages()}
    for kind, layer in LAYERS.items():
        texts[kind] = "\n".join([texts.get(kind, ""), summary(layer), *_layer_facts(layer)])
    pattern = re.compile(r"\s+".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words.split()), re.IGNORECASE)
    return [name for name, text in texts.items() if pattern.search(text)]


def _of_the_language(name: str) -> Iterator[str]:
    """The page about a topic, or else the entries about it."""
    if any(page.name == name for page in manual.pages()):
        yield manual.page(name).text
        return
    for entry in manual.entries().get(name, ()):
        yield f"{entry.text}\n\nMore: `cnncalc help {entry.page}`"


def layer_page(layer: type[Layer]) -> str:
    """The page of a layer, from its descriptor: an example, worked out, and the fields."""
    title, facts = f"# {layer.kind}: {summary(layer)}", _layer_facts(layer)
    return "\n\n".join([title, _example(layer), *facts]) + "\n"


def _layer_facts(layer: type[Layer]) -> Iterator[str]:
    """The fields of a layer, and what it reads."""
    fields = [_field_item(_declared(name, argument), argument.accepts) for name, argument in layer.arguments.items()]
    yield "\n".join(fields) or "It has no fields."
    if layer.natural is not None:
        yield f"A single value, `{layer.kind}: …`, is its `{layer.natural}`."
    if layer.joins:
        yield "It joins tensors: `cnncalc help joins`."
    elif layer.inputs[0] > 1:
        yield f"It reads {layer.inputs[0]} tensors: `from: [a, b]`."


def _example(layer: type[Layer]) -> str:
    """The shortest way to write a layer, and its arithmetic as `explain` prints it, if a single input will do."""
    if layer.inputs[0] == 1 and not layer.joins:
        from cnncalc.errors import SpecError
        from cnncalc.explanations.explanation import explain
        from cnncalc.loading import load
        from cnncalc.render.views.explanation import as_text

        item = layer.usage(lambda field: SAMPLES.get(type(field), "4"))
        for shape in SHAPES:
            with suppress(SpecError):
                text = as_text(explain(load(item).analyze(input=shape)), WIDTH)
                return f"```yaml\n- {item}\n```\n\nAs `cnncalc explain` works it out:\n\n```text\n{text}```"
    return f"```yaml\n- {layer.usage()}\n```"


def _declared(name: str, argument: Argument) -> str:
    """A field with its default: `stride=1`."""
    return f"`{field_text(name, argument.default)}`" + " (required)" * (argument.default is MISSING)


def _field_item(lead: str, accepts: Field) -> str:
    """What a field is, and what it accepts: the first line of the docstring of its class, its bounds and words."""
    words = ", ".join(f"`{word}`" for word in sorted(accepts.words))
    if isinstance(accepts, Choice):
        return f"- {lead}: {accepts.doc}. One of {words}."
    accepted = (type(accepts).__doc__ or "").partition("\n")[0].removesuffix(".")
    limits = () if isinstance(accepts, Factor) else ("least", "most")  # it is positive, as its docstring says
    bounds = [f"at {side} {limit}" for side in limits if (limit := getattr(accepts, side, None)) is not None]
    also = [f"also {words}"] if words else []
    return f"- {lead}: {accepts.doc}. {'; '.join([accepted, *bounds, *also])}."


def _of_fields(name: str) -> Iterator[str]:
    """The layers that have a field of this name, and what it is there; nothing if none has."""
    owners: dict[str, list[str]] = {}
    for layer in LAYERS.values():
        if name in layer.arguments:
            owners.setdefault(_field_item("", layer.arguments[name].accepts), []).append(layer.kind)
    if owners:
        items = (f"- {_names(kinds)}{text.removeprefix('- ')}" for text, kinds in owners.items())
        yield f"# {name}: a field of layers\n\n" + "\n".join(items)


def _names(kinds: Iterable[str]) -> str:
    return ", ".join(f"`{kind}`" for kind in kinds)
