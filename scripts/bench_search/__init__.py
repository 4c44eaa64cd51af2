"""What a search finds for how many epochs: ours, Optuna by itself, and the grid that both are to save."""
