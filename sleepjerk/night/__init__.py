"""A night: its model, its file, its numbers. Must not know how a movement is found, nor what is judged of it."""
