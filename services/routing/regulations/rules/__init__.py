"""What a rule can say: conditions, recipients, duties, times, in words of both languages and back. It decides nothing."""
