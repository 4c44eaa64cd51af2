"""From words to a configuration: the schema, composing, errors in words, names of runs."""
