"""`python -m nnexp.cli` is `nnexp`."""

from nnexp.cli import main

main()
