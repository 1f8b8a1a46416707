"""What tools count of recurrent layers: their own numbers for one sequence of 5 steps, 3 channels, 4 elements."""

import pytest

import cnncalc
from cnncalc.conventions import convention

TOOLS = ["torchinfo@1.8.0", "thop", "ultralytics-thop", "ptflops", "ptflops-aten", "calflops", "torchprofile", "torch"]
MEASURED = """
lstm                                                   720  880  880  920    0 1320  560 1120
lstm num_layers: 2                                    1520 1840 1840 1920    0 2800 1200 2400
lstm bidirectional: true                              1440 1760 1760 1840    0 2640 1120 2240
lstm num_layers: 3, bidirectional: true               5920 6880 6880 7120    0 11120 4960 9920
lstm bias: false                                       560  720  720  760    0 1160  560 1120
lstm bias: false, bidirectional: true                 1120 1440 1440 1520    0 2320 1120 2240
lstm num_layers: 2, bias: false                       1200 1520 1520 1600    0 2480 1200 2400
lstm proj_size: 2                                      600  880  760  760  600 1000  200  880
lstm proj_size: 2, num_layers: 2, bidirectional: true 2560 4320 3200 3200 2560 4320  880 3840
gru                                                    540  680  680  680  540  980    0  840
gru num_layers: 2                                     1140 1420 1420 1420 1140 2080    0 1800
gru bidirectional: true                               1080 1360 1360 1360 1080 1960    0 1680
gru num_layers: 3, bidirectional: true                4440 5280 5280 5280 4440 8280    0 7440
gru bias: false                                        420  560  560  560  420  860    0  840
rnn                                                    180  200  200  200  180  300    0  280
rnn num_layers: 2                                      380  420  420  420  380  640    0  600
rnn bidirectional: true                                360  400  400  400  360  600    0  560
rnn bias: false                                        140  160  160  160  140  260    0  280
rnn nonlinearity: relu                                 180  200  200  200  180  300    0  280
"""  # thop 0.1.1, ultralytics-thop 2.2.3, ptflops 0.7.5, calflops 0.3.2, torchprofile 0.1.0, torch 2.13


@pytest.mark.parametrize("line", MEASURED.strip().splitlines())
def test_counts_are_those_of_the_tools(line):
    kind, *words = line.split()
    fields, counts = " ".join(words[: -len(TOOLS)]), words[-len(TOOLS) :]
    fields = f"hidden_size: 4, {fields}" if fields else "hidden_size: 4"
    graph = cnncalc.parse(f"input: 3x5\nlayers:\n  - {kind}: {{{fields}}}").graph()
    for tool, count in zip(TOOLS, counts, strict=True):
        assert convention(tool).tally(graph).total == int(count), tool
    for tool in ("fvcore", "calflops-macs"):
        assert convention(tool).tally(graph).total == 0
    assert convention("deepspeed").tally(graph).total == convention("calflops").tally(graph).total  # 0.19.8: alike
