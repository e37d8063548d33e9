"""Everything the pages of all sections share: layout, sign-in, languages, static files. It knows no section."""
