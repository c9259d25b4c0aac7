"""What a trained model has learned: embeddings, gradients, attention rollout."""
