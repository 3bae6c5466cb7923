"""What to do about it: rank, confidence, verdict, wording. No input or output here."""
