"""What the app shows: the reports of a run and charts of them, importable and tested."""
