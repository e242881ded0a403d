"""What compiled programs call while they run: operators, access, calls, membership."""
