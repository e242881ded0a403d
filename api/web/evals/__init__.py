"""Pages on which people say what was right: labels for cases, and the evidence for autonomy."""
