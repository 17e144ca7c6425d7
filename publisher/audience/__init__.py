"""Who gets mail: subscriptions and what changes them, signed links, bounces and complaints."""
