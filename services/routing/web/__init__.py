"""The pages about regulations: /regulations. They read the record and decide nothing; routing is another process."""
