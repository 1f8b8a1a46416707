"""A spec in other words, at its places and written out."""

import cnncalc
from cnncalc.errors import Source
from cnncalc.importers.ultralytics import translate

from .ultralytics.models import MODEL


def test_places_and_text():
    translated = translate(Source("net.yaml", MODEL))
    placed, written = translated.placed(), translated.written()
    assert placed.source.text == MODEL
    assert written.source.text.startswith("name: net\ninput: 3x640x640\n")
    assert cnncalc.parse(written.source.text).graph().nodes[0].output == (16, 320, 320)


def test_faults_are_aside():
    translated = translate(Source("net.yaml", MODEL.replace("C2f, [128, True]", "C2ff, [128]")))
    (fault,) = translated.placed().aside
    assert "unknown module 'C2ff'" in fault.message
