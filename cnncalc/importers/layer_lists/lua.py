"""Reads what a script of Torch7 says of its modules, statement by statement; control flow and calls are not run.

Numbers and modules are followed through variables and simple arithmetic; whatever else there is becomes `Unread`, which
is a fault only where a module needs it.
"""

from __future__ import annotations

from cnncalc.errors import Source
from cnncalc.importers.layer_lists.expressions import CONTROL, Expressions
from cnncalc.importers.layer_lists.tokens import shown
from cnncalc.importers.layer_lists.values import NOT_RUN, Module, Unread, Value


def read_modules(source: Source) -> Module:
    """The network that a script makes: what it returns, or its one container that no other contains.

    Raises:
        SpecError: the text has control flow, or more than one network, or none, or is not Lua.
    """
    return _Reader(source).read()


class _Reader(Expressions):
    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.alone: list[Module] = []  # modules that stand by themselves, as on a slide

    def read(self) -> Module:
        returned: Value = None
        while self.tokens.next.kind != "end":
            value = self.statement()
            returned = value if isinstance(value, Module) else returned
        return returned if isinstance(returned, Module) else self._only()

    def _only(self) -> Module:
        """The one network of a script that returns none."""
        begin = self.tokens.next
        if self.alone:
            first = self.alone[0]
            return Module("nn", "Sequential", [], first.token, self.tokens, self.alone)
        inside = {id(child) for module in self.made for child in module.children}
        roots = [module for module in self.made if module.children and id(module) not in inside]
        if not roots:
            raise self.tokens.fault("no modules: expected lines such as net:add(nn.ReLU())", begin)
        if len(roots) > 1:
            places = ", ".join(f"line {self.tokens.span(root.token).line}" for root in roots[:5])
            message = f"{len(roots)} networks that are not joined, made on {places}"
            raise self.tokens.fault(message, roots[1].token, "return the one to read")
        return roots[0]

    def statement(self) -> Value:
        """Read one statement; the value of a return."""
        tokens = self.tokens
        token = tokens.next
        if token.text in CONTROL and token.kind == "word":
            raise tokens.fault(f"'{token.text}' is not read", token, NOT_RUN)
        if tokens.taken(";", "end", "do"):
            return None
        if tokens.taken("return"):
            return None if tokens.sees("end") or tokens.next.kind == "end" else self.expression()
        local = tokens.taken("local")
        if tokens.taken("function"):
            self._function()
        elif local or (tokens.second.kind == "sign" and tokens.second.text in ("=", ",")):
            self._assign()
        else:
            before = len(self.made)
            value = self.expression()
            if tokens.taken("="):  # of a field: cudnn.benchmark = true
                self.expression()
            elif isinstance(value, Module) and any(value is made for made in self.made[before:]):
                self.alone.append(value)
        return None

    def _function(self) -> None:
        """The head of a function, whose body is read where it stands; calls of it are not run."""
        name = self.tokens.take()
        if self.functions:
            raise self.tokens.fault("a second function is not read", name, NOT_RUN)
        self.functions.add(name.text)
        self.tokens.expect("(")
        while not self.tokens.taken(")"):
            parameter = self.tokens.take()
            if parameter.kind == "end":
                raise self.tokens.fault("'(' is never closed", name)
            self.variables[parameter.text] = Unread(parameter)

    def _assign(self) -> None:
        names = [self.tokens.take()]
        while self.tokens.taken(","):
            names.append(self.tokens.take())
        values: list[Value] = []
        if self.tokens.taken("="):
            values.append(self.expression())
            while self.tokens.taken(","):
                values.append(self.expression())
        for index, name in enumerate(names):
            if name.kind != "word":
                raise self.tokens.fault(f"expected a name, got {shown(name)}", name)
            self.variables[name.text] = values[index] if index < len(values) else Unread(name)
