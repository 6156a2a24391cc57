"""`python -m eigenstep`: the program itself."""

import os
import subprocess
import sys

from . import EigenstepError, program


def main() -> None:
    try:
        path = program()
    except EigenstepError as error:
        sys.exit(f"error: {error}")
    if os.name == "posix":
        os.execv(path, [path, *sys.argv[1:]])
    sys.exit(subprocess.call([path, *sys.argv[1:]]))


if __name__ == "__main__":
    main()
