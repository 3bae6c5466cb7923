"""The planner twin: production's planner without production's rows."""
