"""Rules over articles, feeds and bundles, each with a name."""

from publisher.check.feeds import check_feed
from publisher.check.finding import Finding
from publisher.check.messages import check_bundle, check_html, check_message

__all__ = ["Finding", "check_bundle", "check_feed", "check_html", "check_message"]
