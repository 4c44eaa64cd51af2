"""What keeps a run safe from the machine it is on."""
