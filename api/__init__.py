"""The outside: settings, bootstrap, command line, HTTP and web."""
