"""Optuna's study: what chooses the next trial, what stops a hopeless one, and the journal that remembers both."""
