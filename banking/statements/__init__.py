"""Bank statements: read, matched with planned payments, looked through, posted."""
