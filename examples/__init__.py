"""Sample applications that pgarchitect is shown, tested and measured with."""
