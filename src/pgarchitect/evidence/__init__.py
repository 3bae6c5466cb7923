"""What was proven: plans, measured times before and after, and how sure they are."""
