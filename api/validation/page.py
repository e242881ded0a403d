"""Renders a sample as one HTML page for somebody who knows the business and not the program."""

import secrets
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from api.validation.sample import Sample


def page(sample: Sample, company: str, timezone: str) -> str:
    """Return the page, which needs no server: what is answered is saved as a file."""
    environment = Environment(
        loader=PackageLoader("api.validation", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        sample=sample, company=company, zone=ZoneInfo(timezone), nonce=secrets.token_urlsafe(16)
    )
