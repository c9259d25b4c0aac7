"""How the pretrained translators were trained: an experiment, no part of the product."""
