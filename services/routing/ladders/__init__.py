"""Shows units how far their reports got, told again from the facts whenever one is added."""
