"""Images, scenes of digits and their captions, made into batches."""
