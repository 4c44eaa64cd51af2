"""Jobs that workers on any machine pull from a folder: the folder, the worker's side and the sweep's side of it."""
