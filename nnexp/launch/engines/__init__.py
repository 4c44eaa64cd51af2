"""What starts pulling workers on a cluster, a file for each kind of cluster."""
