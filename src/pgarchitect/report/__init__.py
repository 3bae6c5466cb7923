"""The audit, told: terminal, HTML, JSON."""
