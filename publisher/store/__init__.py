"""What is kept of subscriptions and deliveries: tables, the database, its migrations, its keys."""
