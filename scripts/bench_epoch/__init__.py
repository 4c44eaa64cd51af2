"""How long an epoch takes: ours, the floor under it, the article's loop, and the same network in other libraries."""
