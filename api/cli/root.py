"""The group of all commands, each loaded from its file when it is called."""

from importlib import import_module
from keyword import iskeyword
from pathlib import Path

import click

COMMANDS = {
    "init": ("setup", "Make a home folder to start from."),
    "check": ("check", "Find all faults of the configuration."),
    "test": ("check", "Run the given/then examples of the rulesets."),
    "diff": ("diff", "Tell what a change of the configuration would do."),
    "bundle": ("bundle", "Build, verify, preview and activate revisions of the configuration."),
    "serve": ("serve", "Run the layer with its API and web page."),
    "worker": ("serve", "Sync, keep time and dispatch, beside `serve`."),
    "connector": ("connector", "Check, discover and sample source systems, and connect new ones."),
    "sync": ("data", "Read the source systems now."),
    "replay": ("replay", "Decide the journal again and compare, or play files of history day by day."),
    "backtest": ("replay", "Tell what rules would have decided in the past."),
    "explain": ("why", "Tell why something was decided, or why not."),
    "timeline": ("why", "Tell what is remembered of a subject."),
    "show": ("why", "Show what is known of a subject."),
    "actions": ("desk", "List, show, decide and settle actions."),
    "quarantine": ("data", "List, retry or drop what could not be used."),
    "eval": ("eval", "Score a workflow on labelled cases, and work on the cases."),
    "autonomy": ("autonomy", "Tell, ask for, grant and take back what goes without a person."),
    "kill": ("control", "Pull or release a kill switch."),
    "keys": ("access", "Create, list and revoke API keys."),
    "people": ("access", "List people, set their passwords, say who is away."),
    "calls": ("calls", "What was asked of language models: list, show and replay it."),
    "model": ("model", "The unified model: its fields, what fills them, who reads them."),
    "identity": ("identity", "Pairs that may be one: merge them, keep them apart, undo."),
    "person": ("person", "What is kept about a person: export it, erase it."),
    "verify": ("control", "Check the journal against its chain and anchor."),
    "feel": ("feel", "Evaluate a FEEL expression."),
    "import": ("imports", "Bring along decision tables of other tools."),
    "schema": ("setup", "Print the JSON Schema of a configuration file."),
    "demo": ("replay", "Build the sample company and run the layer over it."),
    "backup": ("backup", "Write the whole memory into one file, while it runs."),
    "restore": ("backup", "Put a backup in the place of the memory."),
    "rewrap": ("backup", "Go on under another secret key."),
    "migrate-db": ("setup", "Bring the database to this version's tables."),
}


class Commands(click.Group):
    """Knows its commands by name and line of help; imports the file of the one that is called."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `--home` and `--json` from anywhere before a `--`, so they may follow the command."""
        return super().parse_args(ctx, hoisted(args))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Return the names in the order of a working day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's)
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(import_module(f"api.cli.{COMMANDS[cmd_name][0]}"), f"{name}_" if iskeyword(name) else name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (click's)
        """Write the list without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def hoisted(args: list[str]) -> list[str]:
    """Return the arguments with the global options first."""
    end = args.index("--") if "--" in args else len(args)
    front: list[str] = []
    rest: list[str] = []
    words = iter(args[:end])
    for word in words:
        if word == "--json" or word.startswith("--home="):
            front.append(word)
        elif word == "--home":
            front += [word, *([value] if (value := next(words, None)) is not None else [])]
        else:
            rest.append(word)
    return front + rest + args[end:]


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="The company's home folder (default: the current one).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout, human text on stderr.")
@click.version_option(package_name="opslayer")
@click.pass_context
def opslayer(ctx: click.Context, home: Path, *, as_json: bool) -> None:
    """Watch a company's systems, prepare what should be done, and let a person decide.

    Example: opslayer --home examples/company serve
    """
    from api.cli.shell import Shell

    ctx.obj = Shell(home.resolve(), as_json=as_json)
