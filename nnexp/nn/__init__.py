"""The mathematics: a network and its parts, how it is trained and how it is saved. Knows numpy and BLAS alone."""
