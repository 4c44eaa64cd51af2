"""A folder of plain files as a run store: no database, no server, no MLflow."""
