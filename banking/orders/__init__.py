"""Payment orders for the bank: checked, made into a file, approved by a second person, taken back."""
