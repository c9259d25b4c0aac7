"""Text and images, read, cleaned, split and made into batches."""
