"""A system that sends its records by itself, and is told of ours as signed events."""

from connectors.webhook.connector import WebhookConnector, open_webhook
from connectors.webhook.settings import WebhookSource, WebhookStream

__all__ = ["WebhookConnector", "WebhookSource", "WebhookStream", "open_webhook"]
