"""init, schema and migrate-db."""

from pathlib import Path

import click

from api.cli.shell import Shell, leave


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def init(shell: Shell, folder: Path) -> None:
    """Make a home folder to start from: configuration, one mapping, one ruleset with examples.

    Example: opslayer init acme && opslayer --home acme check
    """
    from api.starter import write_home

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError(f"{folder} exists and is not empty.")
    written = write_home(folder)
    shell.say(f"Made {folder} with {len(written)} files. Next: opslayer --home {folder} check")
    shell.give({"home": str(folder), "files": [str(path) for path in written]})


@click.command()
@click.argument("name", required=False)
@click.pass_obj
def schema(shell: Shell, name: str | None) -> None:
    """Print the JSON Schema of a configuration file (or the list of them), for editors.

    Example: opslayer schema ruleset > ruleset.schema.json
    """
    from api.bootstrap import schemas
    from api.render import to_bytes

    known = {file.removesuffix(".json"): each for file, each in schemas().items()}
    if name is None:
        shell.say("\n".join(sorted(known)))
        shell.give(sorted(known))
        return
    name = name.removesuffix(".json")
    if name not in known:
        raise click.UsageError(f"There is no schema {name!r}; there are {', '.join(sorted(known))}.")
    click.echo(to_bytes(known[name]).decode())


@click.command("migrate-db")
@click.pass_obj
def migrate_db(shell: Shell) -> None:
    """Bring the database to this version's tables; safe to repeat.

    Example: opslayer --home acme migrate-db
    """
    from api.bootstrap import migrate

    revision = migrate(shell.home)
    shell.say(f"The database is at revision {revision}.")
    shell.give({"revision": revision})
    leave(0)
