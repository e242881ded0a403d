"""The settings of a home folder as structs: app, sources, people, autonomy, models."""
