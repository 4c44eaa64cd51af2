"""The compiled engine's arithmetic: formulas as machine code, matrix products, and the loop over mini-batches."""
