"""Whether rows fit their table, told before anything is sent: every value that does not, each in a sentence."""
