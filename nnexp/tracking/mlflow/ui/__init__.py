"""What is private to a version of MLflow's UI: links, views, notes, images."""
