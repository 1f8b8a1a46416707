"""`python -m cnncalc` is the command `cnncalc`."""

from cnncalc.cli.start import run

if __name__ == "__main__":
    run()
