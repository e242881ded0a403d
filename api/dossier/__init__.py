"""The dossier of one action: a page that stands alone, for whoever must know what happened and why."""
