"""Write one class: its constructor, with a parameter for each difference between instances, and its forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from re import finditer

from cnncalc.exporters.source.forward import RETURN, Forward
from cnncalc.exporters.source.identifiers import Names, child, is_attribute, is_hidden, variable
from cnncalc.exporters.source.layout import lines
from cnncalc.exporters.source.parameters import ABSENT, Column, Parameter, Parameters
from cnncalc.exporters.source.render import InstancesCode, compact
from cnncalc.exporters.source.steps import Body, Ref, Step
from cnncalc.pytorch.recipes.code import Bracketed, Doc, flat, tensor_names
from cnncalc.pytorch.recipes.terms import Listed, Read, X


@dataclass(frozen=True, slots=True)
class Returned:
    """What a forward pass returns: a tensor, a tuple, or a dict by name; `training`: only in training mode."""

    refs: tuple[Ref, ...]
    names: tuple[str, ...] = ()
    training: bool = False

    def step(self) -> Step:
        """Return it as a step that reads all its tensors."""
        reads = tuple(map(Read, range(len(self.refs))))
        run = Listed(reads, names=self.names) if self.names else X if len(reads) == 1 else Listed(reads, "")
        name = f">{self.training}"
        return Step(name, RETURN, None, run, self.refs, training=self.training)


class ClassSource:
    """The source of one class for all `bodies`, its instances; the first body has every step."""

    def __init__(
        self,
        name: str,
        bodies: Sequence[Body],
        returned: Sequence[Returned] = (),
        inputs: Sequence[str] = (),
        base: str = "",
    ) -> None:
        self.name = name
        self.bodies = bodies
        self.base = base
        self.model = bodies[0]
        self.returned = returned or (Returned(self.model.results),)
        self.inputs = list(inputs) or tensor_names(self.model.arguments)
        self.present = {step.name: [step.name in body.values for body in bodies] for step in self.model.steps}
        children = {step.name.split(".")[0] for step in self.model.steps}
        self.parameters = Parameters([body.known for body in bodies], children)
        self.switches: dict[
            tuple[bool, ...], tuple[str, str]
        ] = {}  # which instances take a step → attribute, condition
        self._forward_lines = self._forward_statements()
        self._constructor_lines = list(self._constructor())

    @property
    def added(self) -> int:
        """The number of parameters that no argument of the spec provides."""
        return len(self.parameters.added)

    def signature(self) -> list[Parameter]:
        """Return the parameters of the constructor, those with a default last."""
        return self.parameters.signature()

    def source(self, doc: str) -> list[str]:
        """Return the lines of the class, with `doc` as its docstring."""
        signature = [_declare(parameter) for parameter in self.signature()]
        head = lines(Bracketed("(", ("self", *signature), ") -> None"), 4, "def __init__", ":")
        return [
            f"class {self.name}(nn.Module):",
            f'    """{doc}"""',
            "",
            *head,
            *self._constructor_lines,
            "",
            *self._forward_lines,
        ]

    # --- the constructor ---------------------------------------------------------------------------------------------

    def _constructor(self) -> Iterator[str]:
        yield "        super().__init__()"
        registrations = list(self._registrations())
        for name in self.parameters.stored:
            title = self.parameters.titles[name]
            yield f"        self.{title} = {title}"
        for switch, condition in self.switches.values():
            yield f"        self.{switch} = {condition}"
        yield from registrations
        for tie in self.model.ties:
            for tensor in tie.tensors:
                yield from lines(f"{_access(tie.owner)}.{tensor}", 8, f"{_access(tie.sharer)}.{tensor} = ")

    def _registrations(self) -> Iterator[str]:
        lists = self._lists
        registered: set[str] = set()
        for optional, group in groupby(self._module_steps(), lambda step: tuple(self.present[step.name])):
            steps = list(group)
            if all(optional):
                for step in steps:
                    yield from self._register_always(step, lists, registered)
                continue
            hint = f"has_{steps[0].name}"
            condition = self.parameters.condition(optional, hint, joined=True)
            yield f"        if {condition}:"
            for step in steps:
                yield from _register("self", step.name, self._module(step), 12)
            yield "        else:"
            for step in steps:
                yield from _register("self", step.name, "nn.Identity()", 12)

    def _module_steps(self) -> list[Step]:
        return [step for step in self.model.steps if step.build is not None]

    def _register_always(self, step: Step, lists: dict[str, list[Step]], registered: set[str]) -> Iterator[str]:
        *levels, last = step.name.split(".")
        owner = "self"
        for depth, level in enumerate(levels, 1):
            path = ".".join(levels[:depth])
            if path not in registered:
                registered.add(path)
                members = lists.get(path)
                yield from _register(owner, level, self._list(members) if members else "nn.Module()", 8)
            owner = child(owner, level)
        if ".".join(levels) not in lists:
            yield from _register(owner, last, self._module(step), 8)
        for part in step.frozen:
            yield f"        {self._access_registered(part)}.requires_grad_(False)"

    @cached_property
    def _lists(self) -> dict[str, list[Step]]:
        """Return the levels without a class whose members are numbered: they become `nn.ModuleList`s."""
        by_level: dict[str, list[Step]] = {}
        for step in self._module_steps():
            by_level.setdefault(step.name.rpartition(".")[0], []).append(step)
        numbered = {
            path: steps
            for path, steps in by_level.items()
            if path and [step.name for step in steps] == [f"{path}.{n}" for n in range(len(steps))]
        }
        outer = {path[: dot.start()] for path in by_level for dot in finditer(r"\.", path)}
        return {path: steps for path, steps in numbered.items() if path not in outer}

    def _module(self, step: Step) -> Doc:
        assert step.build is not None
        return InstancesCode(self._columns(step), self._express).doc(step.build)

    def _list(self, members: list[Step]) -> Doc:
        modules = compact([self._module(member) for member in members])
        alike = modules[0] if len(modules) == 1 and isinstance(modules[0], Bracketed) else None
        looped = alike is not None and alike.head == "*["
        listed = replace(alike, head="[") if alike and looped else Bracketed("[", tuple(modules), "]", open=True)
        return Bracketed("nn.ModuleList(", (listed,), ")")

    def _columns(self, step: Step) -> Callable[[int], Column]:
        def column(index: int) -> Column:
            return [body.values[step.name][index] if step.name in body.values else ABSENT for body in self.bodies]

        return column

    def _express(self, column: Column, hint: str) -> str:
        return self.parameters.express(column, hint)

    def _express_stored(self, column: Column, hint: str) -> str:
        return self.parameters.express(column, hint, stored=True)

    def _access_registered(self, path: tuple[str, ...]) -> str:
        """Return the expression for a registered module."""
        name = ".".join(path)
        if name.rpartition(".")[0] in self._lists:
            return child(_access(path[:-1]), path[-1], indexed=True)
        return _access(path)

    # --- the forward pass --------------------------------------------------------------------------------------------

    def _forward_statements(self) -> list[str]:
        steps = self._live_steps()
        names = Names()
        titles = {
            ref: variable(name)
            for returned in self.returned
            for ref, name in zip(returned.refs, returned.names, strict=False)
        }
        optional_steps = {step.name for step in steps if self._is_switched(step)}
        forward = Forward(steps, self.inputs, self._render, names, titles, optional_steps)
        tensors = tuple(f"{name}: Tensor" for name in self.inputs)
        head = lines(Bracketed("(", ("self", *tensors), f") -> {self._result_type()}"), 4, "def forward", ":")
        return [*head, *self._body(forward)]

    def _body(self, forward: Forward) -> Iterator[str]:
        inside = False
        for step, targets, doc in forward.statements():
            if step.training and not inside and len(self.returned) > 1:
                yield "        if self.training:"
                inside = True
            indent = 12 if step.training and inside else 8
            yield from lines(doc, indent, "return " if step.role == RETURN else f"{targets} = ")

    def _live_steps(self) -> list[Step]:
        """Return the steps that an output depends on, with the return steps in place."""
        needed = {ref for returned in self.returned for ref in returned.refs}
        live: list[Step] = []
        for step in reversed(self.model.steps):
            if any((step.name, number) in needed for number in range(step.results)):
                needed |= set(step.reads)
                live.append(step)
        live.reverse()
        if len(self.returned) == 1:
            return [*live, self.returned[0].step()]
        always, training = self.returned
        only = [step for step in live if step.training]
        return [*(step for step in live if not step.training), *only, training.step(), always.step()]

    def _render(self, step: Step, reads: list[Doc]) -> Doc:
        own = self._access_registered(tuple(step.name.split("."))) if step.build is not None else ""
        doc = InstancesCode(self._columns(step), self._express_stored, own, reads).doc(step.run)
        if not self._is_switched(step):
            return doc
        return f"{flat(doc)} if self.{self._switch_of(step)} else {flat(reads[0])}"

    def _is_switched(self, step: Step) -> bool:
        """Return whether only some instances take the step and no `nn.Identity` can stand in for it."""
        return step.build is None and not all(self.present.get(step.name, [True]))

    def _switch_of(self, step: Step) -> str:
        """Return the attribute that tells whether an instance takes the step."""
        present = tuple(self.present[step.name])
        if present not in self.switches:
            name = "skip" if step.role == "joins" else f"has_{variable(step.name)}"
            condition = self.parameters.condition(present, name, joined=True)
            self.switches[present] = self.parameters.names.give(name), condition
        return self.switches[present][0]

    def _result_type(self) -> str:
        kinds = dict.fromkeys(self._annotation(returned) for returned in self.returned)
        return " | ".join(kinds)

    def _annotation(self, returned: Returned) -> str:
        if returned.names:
            return "dict[str, Tensor]"
        return "Tensor" if len(returned.refs) == 1 else f"tuple[{', '.join(['Tensor'] * len(returned.refs))}]"


def _declare(parameter: Parameter) -> str:
    """Return a parameter as it appears in the signature."""
    default = f" = {parameter.default}" if parameter.default else ""
    return f"{parameter.name}: {parameter.annotation}{default}"


def _register(owner: str, name: str, module: Doc, indent: int) -> Iterator[str]:
    """Return the statement that registers a module."""
    if is_attribute(name):
        yield from lines(module, indent, f"{owner}.{name} = ")
    elif is_hidden(name):
        yield from lines(module, indent, f'{owner}._modules["{name}"] = ')
    else:
        yield from lines(Bracketed(f"{owner}.add_module(", (f'"{name}"', module), ")"), indent)


def _access(path: Sequence[str]) -> str:
    """Return the expression for a module by its path."""
    if not any(map(is_hidden, path)) and not all(map(is_attribute, path)):
        return f'self.get_submodule("{".".join(path)}")'
    text = "self"
    for part in path:
        text = child(text, part)
    return text
