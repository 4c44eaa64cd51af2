"""The mathematics: a network, its activations, costs and first weights. Knows numpy and BLAS alone."""
