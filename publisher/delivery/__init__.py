"""From a bundle to inboxes: the plan, the ledger, the loop that sends, and what carries mails away."""
