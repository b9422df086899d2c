"""Actions that rules may ask for, a file a subject: names, words and parameters. What they do lives in the pipeline."""
