"""Many jobs at once: worker processes, what they report while they work, and one display of it all."""
