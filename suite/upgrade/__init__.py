"""Two versions of one SDK side by side: what becomes of each cell, and what an owner has to do about it."""
