"""What source systems send by themselves: whether it is theirs, and what it says."""
