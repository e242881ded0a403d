"""Bundles at work: built from git, kept by their id, tried aside, put in force between two inputs."""
