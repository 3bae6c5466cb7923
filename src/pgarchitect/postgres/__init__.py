"""Connections, the capability probe, query marker and time-outs, the embedded server."""
