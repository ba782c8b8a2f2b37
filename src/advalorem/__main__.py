"""`python -m advalorem`: the command line."""

from advalorem.cli.main import run

if __name__ == "__main__":
    run()
