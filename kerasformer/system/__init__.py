"""Files written whole, processes and quiet loading; standard library only."""
