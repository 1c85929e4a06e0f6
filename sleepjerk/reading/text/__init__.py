"""Text -> rows: which bytes are rows, what their cells say, what a banner says. Must not know what the numbers mean."""
