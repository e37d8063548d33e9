"""What travels between field units, services, desks and auditors: models, code lists, subjects and streams as data."""
