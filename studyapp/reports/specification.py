"""From a chart to what Vega-Lite draws."""

from typing import Any

import altair as alt
from altair.utils import schemapi
from django.conf import settings

# Altair holds every part of a chart against its schema: 12 and 23 % of the time of two large pages. Tests let it.
if not settings.CHECK_CHARTS:
    schemapi.disable_debug_mode()


def specification(chart: alt.Chart | alt.LayerChart | alt.FacetChart, **properties: Any) -> dict[str, Any]:
    """Return the Vega-Lite specification of the chart with these properties (width, height)."""
    found: dict[str, Any] = chart.properties(**properties).to_dict(validate=settings.CHECK_CHARTS)
    return found
