"""What people type about regulations, incidents and reports of periods: parsed and printed; nothing is decided."""
