"""Run several of manage.py's commands in one process, so that Django and PyTorch are loaded once for all of them."""

import json
import sys

import manage


def main() -> None:
    """Run the commands of the JSON list in order; the first that fails ends the process as manage.py would."""
    for arguments in json.loads(sys.argv[1]):
        sys.argv = ["manage.py", *arguments]
        manage.main()


if __name__ == "__main__":
    main()
