"""Memory: the only room that knows MLflow."""
