"""What every engine offers to its user, whatever computes the answers; numpy only."""
