from cnncalc.render.views.shapes import shapes_view


def texts(view, path):
    (row,) = [row for row in view.rows if row.record and row.record["layer"] == path]
    return [cell.text for cell in row.cells]


def test_training_heads_have_a_section_of_their_own(report):
    view = shapes_view(report("googlenet"))
    main, heads = view.sections
    assert "training heads" in heads.heading
    assert not any(row.record and row.record["layer"].startswith("aux") for row in main.rows)
    assert all(row.record is None or row.record["layer"].startswith("aux") for row in heads.rows)


def test_header_rows_show_the_block_output(report):
    view = shapes_view(report("resnet@50"))
    headers = {row.cells[0].text: row.cells[2].text for row in view.rows if row.record is None and row.level == 0}
    assert headers == {"layer1": "256×56×56", "layer2": "512×28×28", "layer3": "1024×14×14", "layer4": "2048×7×7"}


def test_shared_weights_are_said(report):
    view = shapes_view(
        report("input: 8\nlayers:\n  - linear: 8\n    name: a\n  - linear:\n    share: a\n    name: b\n")
    )
    assert texts(view, "b")[1] == "linear 8, shared with a"


def test_formula_column(report):
    view = shapes_view(report("lenet5"), with_formula=True)
    assert view.columns[-1].title == "formula"
    assert all(len(row.cells) == len(view.columns) for row in view.rows)
    folded = shapes_view(report("resnet@50"), with_formula=True, depth=1)
    assert all(len(row.cells) == len(folded.columns) for row in folded.rows)


def test_outputs_are_named(report):
    view = shapes_view(
        report("input: 4x8x8\nlayers:\n  - relu\n  - maxpool: 2\noutputs: {full: relu1, half: maxpool1}\n")
    )
    assert ("output", "full 4×8×8, half 4×4×4") in view.facts
