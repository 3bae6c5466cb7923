"""``make bench-advisor``: our index advisor beside published ones, judged by what is really built."""
