"""What every engine offers its user, for every kind of artefact; numpy only."""
