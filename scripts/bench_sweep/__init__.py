"""What a sweep costs beside its training, and the same jobs done by other frameworks."""
