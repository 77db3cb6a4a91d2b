"""Steps of real training, judged: two checkpoints and what lies between them."""
