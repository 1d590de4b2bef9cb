"""What the app shows: queries on gold and charts of them, importable and tested."""
