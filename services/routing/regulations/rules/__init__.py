"""What a rule can say: conditions, recipients, duties and times, in both languages and back. It decides nothing."""
