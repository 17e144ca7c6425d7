"""The public pages: subscribe, confirm, unsubscribe, preferences; for everybody, without cookies, scripts or accounts."""
