"""kerasformer: train a translator in Keras, ship the same one to servers and phones."""
