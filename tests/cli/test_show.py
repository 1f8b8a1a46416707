from pathlib import Path


def test_text(cnncalc):
    done = cnncalc("show", "alexnet")
    assert done.out.startswith("name: AlexNet\n")
    assert done.code == 0


def test_path(cnncalc):
    done = cnncalc("show", "resnet@50", "--path")
    assert Path(done.out.strip()).name == "resnet.yaml"
    assert Path(done.out.strip()).is_file()


def test_unknown(cnncalc):
    done = cnncalc("show", "alexnt")
    assert done.code == 2
    assert "did you mean 'alexnet'?" in done.err
    assert "no variant '51'" in cnncalc("show", "resnet@51").err
    assert "cnncalc show alexnet" in cnncalc("show").err


def test_highlighted_on_a_terminal(cnncalc, monkeypatch):
    monkeypatch.setattr("cnncalc.cli.output.is_coloured", lambda: True)
    done = cnncalc("show", "lenet5")
    assert "LeNet-5" in done.out
