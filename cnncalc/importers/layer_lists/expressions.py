"""Reads the expressions of a script of Torch7: numbers and modules are followed, whatever else there is is unread."""

from __future__ import annotations

from fractions import Fraction

from cnncalc.errors import Source
from cnncalc.importers.layer_lists.tokens import Token, Tokens, bounded, number_of, shown
from cnncalc.importers.layer_lists.values import NOT_RUN, PACKAGES, Class, Module, Unread, Value, is_number
from cnncalc.limits import DEEPEST_CONTAINERS, MOST_SCRIPT_LAYERS

CONTROL = ("for", "if", "while", "repeat", "goto")
MEANT = ("ceil", "floor", "noBias", "setCountExcludePad", "setCountIncludePad")  # methods that a layer's handler reads
# Those that change neither shapes nor counts: they return their module, or something else.
SAME = {
    *("apply", "clearState", "cuda", "double", "evaluate", "fastest", "float", "init", "reset", "setMode"),
    *("setNumInputDims", "share", "training", "type", "zeroGradParameters"),
}
OTHER = ("backward", "forward", "getParameters", "parameters", "size")


class Expressions:
    """The expressions of a text, with the variables and modules that it has made so far."""

    def __init__(self, source: Source) -> None:
        self.tokens = Tokens(source, "lua")
        self.variables: dict[str, Value] = {name: Unread(self.tokens.next) for name in PACKAGES}
        self.made: list[Module] = []
        self.functions: set[str] = set()
        self.depth = 0

    def expression(self) -> Value:
        """A sum, or, with operators that are not followed, an unread value."""
        token = self.tokens.next
        self._deeper()
        value = self._sum()
        while self.tokens.taken("or", "and", "..", "==", "~=", "<", ">", "<=", ">=", "^", "%"):
            self._sum()
            value = Unread(token)
        self.depth -= 1
        return value

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST_CONTAINERS:
            raise self.tokens.fault(f"brackets and signs nested more than {DEEPEST_CONTAINERS} deep", self.tokens.next)

    def _sum(self) -> Value:
        token = self.tokens.next
        value = self._product()
        while self.tokens.sees("+", "-"):
            sign = self.tokens.take().text
            other = self._product()
            value = self._computed(token, sign, value, other)
        return value

    def _product(self) -> Value:
        token = self.tokens.next
        value = self._operand()
        while self.tokens.sees("*", "/"):
            sign = self.tokens.take().text
            value = self._computed(token, sign, value, self._operand())
        return value

    def _computed(self, token: Token, sign: str, left: Value, right: Value) -> Value:
        if not is_number(left) or not is_number(right) or (sign == "/" and right == 0):
            return Unread(token)
        a, b = Fraction(left), Fraction(right)
        value = {"+": a + b, "-": a - b, "*": a * b, "/": a / (b or 1)}[sign]
        return bounded(self.tokens, token, int(value) if value.denominator == 1 else value)

    def _operand(self) -> Value:
        tokens = self.tokens
        token = tokens.next
        if tokens.taken("-", "not", "#"):
            self._deeper()
            value = self._operand()
            self.depth -= 1
            return -value if token.text == "-" and is_number(value) else Unread(token)
        if tokens.taken("("):
            value = self.expression()
            tokens.expect(")")
            return value
        if tokens.taken("{"):
            return self._table(token)
        if token.kind in ("number", "string"):
            tokens.take()
            return number_of(tokens, token) if token.kind == "number" else token.text
        if token.kind != "word" or token.text in (*CONTROL, "end", "then", "function", "local", "return"):
            raise tokens.fault(f"expected a value, got {shown(token)}", token, NOT_RUN)
        return self._reference(tokens.take())

    def _table(self, begin: Token) -> Value:
        """A table, whose entries are not followed."""
        depth = 1
        while depth:
            token = self.tokens.take()
            if token.kind == "end":
                raise self.tokens.fault("'{' is never closed", begin)
            if token.kind == "sign":
                depth += (token.text == "{") - (token.text == "}")
        return Unread(begin)

    def _reference(self, token: Token) -> Value:
        """A name, with the fields, calls and methods behind it."""
        tokens = self.tokens
        value: Value = {"true": True, "false": False, "nil": None}.get(token.text, Unread(token))
        if isinstance(value, Unread):
            value = self.variables.get(token.text, value)
        while True:
            if tokens.taken("."):
                name = tokens.take()
                value = Class(token.text, name.text) if token.text in PACKAGES else Unread(token)
            elif tokens.taken(":"):
                value = self._method(value, token)
            elif tokens.taken("["):
                self.expression()
                tokens.expect("]")
                value = Unread(token)
            elif tokens.sees("(", "{") or (tokens.next.kind == "string" and isinstance(value, Unread)):
                value = self._call(value, token)
            else:
                return value

    def _arguments(self) -> list[Value]:
        """The arguments of a call: in parentheses, or one string or table."""
        if not self.tokens.taken("("):
            return [self._operand()]
        values: list[Value] = []
        while not self.tokens.taken(")"):
            values.append(self.expression())
            if not self.tokens.sees(")"):
                self.tokens.expect(",")
        return values

    def _call(self, value: Value, token: Token) -> Value:
        if token.text in self.functions:
            raise self.tokens.fault(f"the call of '{token.text[:40]}' is not read", token, NOT_RUN)
        arguments = self._arguments()
        if not isinstance(value, Class):
            return Unread(token)
        return self._made(Module(value.package, value.name, arguments, token, self.tokens))

    def _made(self, module: Module) -> Module:
        self.made.append(module)
        if len(self.made) > MOST_SCRIPT_LAYERS:
            raise self.tokens.fault(f"more than {MOST_SCRIPT_LAYERS:,} modules", module.token)
        return module

    def _method(self, value: Value, token: Token) -> Value:
        name = self.tokens.take()
        arguments = self._arguments()
        if not isinstance(value, Module):
            return Unread(token)
        if name.text == "add":
            child = arguments[0] if arguments else None
            if not isinstance(child, Module):
                raise self.tokens.fault("what is added is not a module that the text makes", name, NOT_RUN)
            value.children.append(child)
        elif name.text == "clone" and not arguments:
            return self._copy(value)
        elif name.text in MEANT:
            value.methods.add(name.text)
        elif name.text in OTHER:
            return Unread(token)
        elif name.text not in (*SAME, "clone"):  # a clone with arguments shares the weights that they name
            raise self.tokens.fault(f"the method '{name.text[:40]}' is not read", name, NOT_RUN)
        return value

    def _copy(self, module: Module) -> Module:
        """A module like another, with weights of its own."""
        self._deeper()
        children = [self._copy(child) for child in module.children]
        self.depth -= 1
        methods = set(module.methods)
        return self._made(
            Module(module.package, module.name, module.arguments, module.token, self.tokens, children, methods)
        )
