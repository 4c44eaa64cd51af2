"""Time passes: the loop over epochs, its events, and who listens to them."""
