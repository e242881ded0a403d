"""What axe-core is asked for: every rule of WCAG 2.2 AA that a machine can check, and best practice."""

RUN = """() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
    .then(found => found.violations.map(each => each.id + ': ' + each.nodes.slice(0, 3).map(
        node => node.html.slice(0, 160) + ' ' + (node.any[0] || node.all[0] || node.none[0] || {}).message).join(' | ')))"""
SCHEMES = [{"color_scheme": "light"}, {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}}]
"""By day on a desk, by night on a phone."""
