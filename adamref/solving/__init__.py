"""What must have stood in a formula for it to have given what was observed."""
