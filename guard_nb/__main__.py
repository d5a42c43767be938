"""`python -m guard_nb` is `guard-nb`."""

from guard_nb.cli import main

if __name__ == "__main__":
    main()
