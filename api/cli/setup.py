"""init, schema and migrate-db."""

from pathlib import Path

import click

from api.cli.shell import Shell, leave
from engine.source.counted import counted


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
    written = [*write_home(folder), *map(Path, _write_schemas(folder))]
    shell.say(f"Made {folder} with {counted(len(written), 'file')}. Next: opslayer --home {folder} check")
    shell.give({"home": str(folder), "files": [str(path) for path in written]})


def _write_schemas(home: Path) -> list[str]:
    from engine.rules.reference import schema_files

    files = schema_files()
    for file, text in files.items():
        path = home / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sorted(files)


@click.command()
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write all below config/schemas, where the files look.")
@click.pass_obj
def schema(shell: Shell, name: str | None, *, write: bool) -> None:
    """Print the JSON Schema of a configuration file (or the list of them), for editors.

    Example: opslayer schema ruleset > ruleset.schema.json
    """
    from api.bootstrap import schemas
    from api.render import to_bytes

    if write:
        written = _write_schemas(shell.home)
        shell.say(f"Wrote {counted(len(written), 'schema')} below {shell.home}.")
        shell.give(written)
        return
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
