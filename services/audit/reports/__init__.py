"""What is counted and told from the record: obligations, exercises, leadership, what a desk knew."""
