"""What was learned: OptimizationLog, embeddings, similarity search. Append-only."""
