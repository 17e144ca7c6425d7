"""publisher.toml -> Settings: every mistake at once, with its dotted path and line."""

from publisher.config.load import CONFIG_NAME, find_publication, load_settings
from publisher.config.settings import FeedSettings, NewsletterSettings, Settings

__all__ = [
    "CONFIG_NAME",
    "FeedSettings",
    "NewsletterSettings",
    "Settings",
    "find_publication",
    "load_settings",
]
