"""Bounces and complaints: mails that come back, what they mean, and what follows from them."""

from publisher.audience.bounces.applying import WINDOW, Change
from publisher.audience.bounces.kinds import Kind, Verdict
from publisher.audience.bounces.taking import BounceReport, Taken, Unread, take_bounces

__all__ = ["WINDOW", "BounceReport", "Change", "Kind", "Taken", "Unread", "Verdict", "take_bounces"]
