"""The layer, opened: the facade over store, pipeline, approvals and connectors."""

from api.layer.access import Access
from api.layer.bundles import Governed
from api.layer.control import Control
from api.layer.evaluating import Evaluating
from api.layer.overview import Overview
from api.layer.parts import Part, Parts
from api.layer.ruleviews import RuleViews
from api.layer.trying import Trying

__all__ = ["OpsLayer", "Part", "Parts"]


class OpsLayer(Overview, RuleViews, Trying, Evaluating, Access, Control, Governed):
    """api.facade.Layer."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.clock = parts.clock
        self.company = parts.home.app.company
        self.timezone = parts.home.app.timezone
        self.language = parts.home.app.language
