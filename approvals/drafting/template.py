"""The drafter that needs nothing: the company's own words, as the prompt file has them."""

from approvals.drafting.prompt import Prompt
from engine.ports import DraftRequest, DraftText


class TemplateDrafter:
    """Writes the template of the wanted language; see `engine.ports.Drafter`."""

    name = "template"

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt

    async def write(self, request: DraftRequest) -> DraftText:
        """Return subject and body with their slots open."""
        body = self._prompt.templates[request.language]
        return DraftText(subject=self._prompt.subject(request.language), body=body.strip())
