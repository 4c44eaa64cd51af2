"""One run: from a configuration to a result; resuming, verifying, the run's folder."""
