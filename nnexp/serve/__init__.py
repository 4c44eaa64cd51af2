"""A trained network to be asked: by programs through MLflow's model server, by people who draw on a page."""
