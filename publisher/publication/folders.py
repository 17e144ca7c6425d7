"""What lies in a publication's folder besides its articles."""

#: What a web server serves.
FEEDS_FOLDER = "feeds"
#: Bundles of newsletters; they may hold unpublished text.
ISSUES_FOLDER = "issues"
#: The publication's own templates.
TEMPLATES_FOLDER = "templates"
