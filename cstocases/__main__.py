"""`python -m cstocases`."""

from cstocases.cli.main import main

main()
