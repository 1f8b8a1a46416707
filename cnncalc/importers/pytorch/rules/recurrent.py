"""Rules for recurrent layers, which PyTorch keeps as one operation: `lstm`, `gru`, `rnn_tanh`, `rnn_relu`."""

from __future__ import annotations

from cnncalc.importers.pytorch.call import Call, Parts, Rule
from cnncalc.importers.pytorch.spelling import exact
from cnncalc.importers.pytorch.values import Constant, Inexpressible, Stored, Tensor, Value

STATE_ORDER = (2, 0, 1)  # PyTorch has the layers of a state first, then the batch


def _recurrent(kind: str, **fields: object) -> Rule:
    def rule(call: Call) -> Parts:
        _require_zero_state(call)
        order = (0, 2, 1) if call["batch_first"] else (2, 0, 1)
        entering = call.tensor("input")
        if len(entering.shape) != 2:
            raise Inexpressible
        entering = call.arranged(entering, order)
        stored = _stored(call)
        arguments = {
            "hidden_size": stored["weight_hh_l0"].shape[0] // GATES[kind],
            "num_layers": call["num_layers"],
            "bias": call["has_biases"],
            "dropout": exact(call["dropout"]),
            "bidirectional": call["bidirectional"],
            **fields,
        }
        if "weight_hr_l0" in stored:
            arguments["proj_size"] = stored["weight_hr_l0"].shape[0]
        channels = call.seen[-1]
        output = call.emit(kind, arguments, [entering], (channels, entering.shape[1]), order, stored)

        def part(number: int) -> Value:
            if number == 0:
                return output
            tensor, shape = call.emission.further(output.name, ("h_n", "c_n")[number - 1])
            return Tensor(tensor, shape, STATE_ORDER)

        return Parts(part)

    return rule


GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def _require_zero_state(call: Call) -> None:
    """Require that the sequence starts from zeros, which PyTorch makes where no state is given.

    Raises:
        Inexpressible: the state is computed or learnt.
    """
    states = call["hx"] if isinstance(call["hx"], list) else [call["hx"]]
    if not all(isinstance(state, Constant) and not state.sources for state in states):
        raise Inexpressible


def _stored(call: Call) -> dict[str, Stored]:
    """The parameters by PyTorch's names, in the order in which its modules pass them."""
    parameters: list[Value] = call["params"]
    directions = ("", "_reverse") if call["bidirectional"] else ("",)
    places = [f"l{layer}{suffix}" for layer in range(call["num_layers"]) for suffix in directions]
    each, rest = divmod(len(parameters), len(places))
    words = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if call["has_biases"] else []), "weight_hr"][:each]
    if rest or each != len(words):
        raise Inexpressible
    stored = {}
    for name, value in zip([f"{word}_{place}" for place in places for word in words], parameters, strict=True):
        if not isinstance(value, Constant) or not value.whole:
            raise Inexpressible
        stored[name] = value.sources[0]
    return stored


RECURRENT: dict[str, Rule] = {
    "lstm": _recurrent("lstm"),
    "gru": _recurrent("gru"),
    "rnn_tanh": _recurrent("rnn"),
    "rnn_relu": _recurrent("rnn", nonlinearity="relu"),
}
