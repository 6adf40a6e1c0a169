"""How things are called and told, whichever way they are asked for: kinds, changes, names, plans."""
