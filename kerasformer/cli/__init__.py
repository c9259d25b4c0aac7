"""The `kerasformer` command: its options, and one file of actions for each task."""
