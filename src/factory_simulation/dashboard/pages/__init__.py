"""The pages of the app, as HTML and charts: each takes what was published, a scope and a day."""
