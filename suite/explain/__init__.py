"""Why: a cell explained by the rows its prediction rests on, a text by the rows that could have said it."""
