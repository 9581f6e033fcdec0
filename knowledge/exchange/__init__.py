"""Articles as other programs know them: CSV, Markdown, FAQPage JSON-LD, a site's HTML, YAML."""
