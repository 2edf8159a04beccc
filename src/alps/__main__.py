"""``python -m alps`` is ``alps``: for where a folder of scripts is not on the path."""

from alps.cli.main import main

if __name__ == "__main__":
    main()
