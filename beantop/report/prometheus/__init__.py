"""The exporter for Prometheus, and files that ship with it: scrape configuration, alert rules, dashboard."""
