"""What chooses the settings that a search tries next, a file for each."""
