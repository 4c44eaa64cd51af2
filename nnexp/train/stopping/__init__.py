"""Stopping rules: when training ends before its last epoch, a file for each."""
