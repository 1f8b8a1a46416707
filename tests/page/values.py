"""The forms of a page's document, evaluated in Python as the page does."""

from cnncalc.symbolic.encoding import Form


class Values:
    """The forms of a document at a point, evaluated as the page does."""

    def __init__(self, document, **point):
        self.known: list[int] = []
        self.point = {each["name"]: each["value"] for each in document["symbols"]} | point
        for atom in document["atoms"]:
            self.known.append(self._atom(atom))
        self.forms = [self._form(form) for form in document["forms"]]

    def _atom(self, atom):
        if isinstance(atom, str):
            return self.point[atom]
        if atom[0] == "//":
            return self._form(atom[1]) // int(atom[2])
        return {"min": min, "max": max}[atom[0]](map(self._form, atom[1:]))

    def _form(self, form: Form):
        total = 0
        for factor, *atoms in form:
            product = int(factor)
            for atom in atoms:
                product *= self.known[atom]
            total += product
        return total

    def __getitem__(self, place):
        return self.forms[place]


def peak(run, values):
    spans = [(values[each] + values[fixed], first, last) for _, each, fixed, first, last in run["spans"]]
    steps = {first for _, first, _ in spans}
    return max(sum(load for load, first, last in spans if first <= step <= last) for step in steps)


def opened(packed):
    """The document that a file holds, with its layers as `page_document` has them, `from` aside."""
    likes = packed["likes"]
    return {**packed, "layers": [{**likes[like], **own} for like, own in packed["layers"]]}
