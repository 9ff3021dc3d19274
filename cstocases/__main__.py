"""`python -m cstocases`."""

from cstocases.cli import main

main()
