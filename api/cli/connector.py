"""connector: look at a source from outside, and put a new one into the home."""

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave, shelled


@click.group()
def connector() -> None:
    """Check, discover and sample source systems, and connect new ones.

    Example: opslayer connector check crm
    """


@connector.command()
@click.argument("source")
@shelled
async def check(shell: Shell, source: str) -> None:
    """Prove what a source's credentials can do: read each stream, look up each write. Nothing is written.

    Example: opslayer connector check crm
    """
    from api.clock import SystemClock
    from api.connecting import check_source, open_source

    _known(shell, source)
    async with open_source(shell.home, source, SystemClock()) as opened:
        tried = await check_source(opened)
    marks = {True: "yes", False: "NO", None: "-"}
    shell.table([(each.what, marks[each.proved], each.detail) for each in tried], ("WHAT", "PROVED", "DETAIL"))
    shell.give(tried)
    leave(FAULTS if any(each.proved is False for each in tried) else GOOD)


@connector.command("discover")
@click.argument("source")
@shelled
async def discover_(shell: Shell, source: str) -> None:
    """List the streams that a source offers, with their keys and fields.

    Example: opslayer connector discover erp
    """
    from api.clock import SystemClock
    from api.connecting import open_source
    from connectors.discovery import discover

    _known(shell, source)
    async with open_source(shell.home, source, SystemClock()) as opened:
        found = await discover(opened.connector)
    for each in found:
        shell.say(f"{each.name}" + (f"  key {', '.join(each.key)}" if each.key else ""))
        for name, type in each.fields.items():
            shell.say(f"  {name}  {type}")
    shell.give(found)


@connector.command()
@click.argument("source")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port of the redirect address.")
@click.option("--wait", type=click.IntRange(1, 3600), default=300, show_default=True, help="Seconds to wait.")
@shelled
async def login(shell: Shell, source: str, port: int, wait: int) -> None:
    """Let a person agree in the vendor's own pages (OAuth 2 authorization code, PKCE), and keep the refresh token.

    Register http://127.0.0.1:PORT/callback with the vendor where it wants to know the redirect address.

    Example: opslayer connector login outlook --port 8400
    """
    from api.connecting import sign_in

    _known(shell, source)

    def tell(address: str) -> None:
        shell.say(f"Open this address in a browser on this machine:\n\n{address}\n")

    file = await sign_in(shell.home, source, tell, port, wait)
    shell.say(f"Agreed. The refresh token is kept in {file}")
    shell.give({"source": source, "file": str(file)})


@connector.command("sample")
@click.argument("source")
@click.argument("stream")
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="How many records.")
@shelled
async def sample_(shell: Shell, source: str, stream: str, limit: int) -> None:
    """Show the first records of a stream, and what the mapping makes of them.

    Example: opslayer connector sample crm accounts
    """
    from api.clock import SystemClock
    from api.connecting import open_source, sample

    _known(shell, source)
    async with open_source(shell.home, source, SystemClock()) as opened:
        if stream not in opened.connector.streams:
            raise click.UsageError(f"{source} has no stream {stream!r}; it has {', '.join(opened.connector.streams)}.")
        found = await sample(opened, stream, limit)
    for each in found:
        shell.say(each.key)
        for name, value in each.data.items():
            shell.say(f"  {name}: {value}")
        for line in each.becomes:
            shell.say(f"  => {line}")
    shell.give(found)


@connector.command()
@click.argument("pack")
@click.option("--as", "name", default="", help="The name of the source (default: the pack's).")
@click.pass_obj
def add(shell: Shell, pack: str, name: str) -> None:
    """Put a shipped pack into the home: its manifest, its mapping, and a source that reads only.

    Example: opslayer connector add hubspot --as crm
    """
    from api.proposals import Present, put_pack
    from connectors.packs import packs

    known = [each.name for each in packs()]
    if pack not in known:
        raise click.UsageError(f"There is no pack {pack!r}; there are {', '.join(known)}.")
    try:
        files = put_pack(shell.home, pack, name or pack)
    except Present as present:
        raise click.UsageError(str(present)) from present
    shell.say("\n".join(["Wrote", *(f"  {file}" for file in files), f"Next: opslayer connector check {name or pack}"]))
    shell.give({"files": files})


@connector.command()
@click.argument("name")
@click.option("--from", "described", required=True, help="An OpenAPI file, an OData $metadata, or a database's URL.")
@shelled
async def new(shell: Shell, name: str, described: str) -> None:
    """Propose a first manifest and mapping from a system's own description; both pass `opslayer check`.

    Example: opslayer connector new billing --from openapi.json
    """
    from api.proposals import Present, draft_of, put_draft

    draft = await draft_of(described, shell.home, name.upper().replace("-", "_"))
    try:
        files = put_draft(shell.home, name, draft)
    except Present as present:
        raise click.UsageError(str(present)) from present
    shell.say("\n".join(["Wrote", *(f"  {file}" for file in files)]))
    for doubt in draft.doubts:
        shell.say(f"Look at this: {doubt}")
    shell.give({"files": files, "streams": list(draft.streams), "doubts": draft.doubts})


def _known(shell: Shell, source: str) -> None:
    from engine.rules import load_home

    known = load_home(shell.home).sources.sources
    if source not in known:
        raise click.UsageError(f"There is no source {source!r}; there are {', '.join(known)}.")
