"""Every code of a problem in the configuration, with what it means; the page of problems is made from it."""

from collections.abc import Mapping

from engine.rules.workcodes import WORK_CODES

PAGE = "docs/reference/problems.md"

CODES: Mapping[str, str] = {
    # the file itself
    "missing-file": "The file is required and not there.",
    "empty-file": "The file has no content. Every file starts with `format: 1`.",
    "unreadable-file": "The operating system does not let the file be read.",
    "not-a-file": "A folder, pipe or device stands where a file is expected.",
    "file-too-large": "At most one megabyte is read. Data belongs into a source system.",
    "outside-home": "A link or path leads out of the home folder. Nothing outside it is ever read.",
    "byte-order-mark": "The file starts with a byte order mark. Save it as UTF-8 without BOM.",
    "not-utf-8": "The file is in another encoding. Save it as UTF-8.",
    "merge-conflict": "Marker lines of an unresolved merge are left in the file.",
    # YAML
    "yaml-syntax": "The text is no YAML; the message says where reading stopped.",
    "yaml-tab": "YAML indents with spaces. Tabs are refused everywhere, for nobody sees the difference.",
    "yaml-anchor": "Anchors are not read: what a rule says stands at the rule.",
    "yaml-alias": "Aliases are not read: what a rule says stands at the rule.",
    "yaml-merge-key": "Merge keys are not read: what a rule says stands at the rule.",
    "yaml-tag": "Tags are not read; nothing in a file can make objects.",
    "several-documents": "One file holds one document.",
    "duplicate-key": "A key stands twice in the same place; only one could count.",
    "complex-key": "A key is a word or text, no list and no mapping.",
    "quoted-start": 'An expression starts with a quote, as in `when: "a" = b`. Write it after `|` or in single quotes.',
    "open-quote": "A quote is opened and not closed.",
    "reserved-character": "A value cannot start with `@`, a backtick or `%`. Write it after `|`, or in single quotes.",
    "block-mark": "`>` and `|` start a block of text on the next line.",
    "flow-accident": "Braces, brackets and commas of an expression were taken as YAML's own. Use block style.",
    "unquoted-colon": "A colon followed by a space starts a value. Write the text after `|`, or in single quotes.",
    # keys and values
    "missing-format": "The file does not say which version of its form it has: `format: 1`.",
    "unknown-key": "No such key exists here; docs/reference/keys.md lists all.",
    "missing-key": "A required key is not there.",
    "out-of-range": "A figure has a value that makes no sense there; the hint tells which do.",
    "wrong-type": "The value has not the form that the key needs.",
    "secret-in-yaml": "A secret was written into a file. Write `{env: NAME}` and set the variable.",
    "unknown-heading": "A prompt has `## instructions` and `## template LANGUAGE`, nothing else on that level.",
    "front-matter": "A prompt starts with its settings between two lines of `---`.",
    "no-template": "A prompt lacks the text that is used when no model answers.",
    "stray-brace": "A brace opens or closes nothing. For a brace in a text write two.",
    # FEEL
    "feel": "The expression cannot be compiled.",
    "feel-syntax": "The text is no FEEL expression.",
    "feel-type": "The expression does not fit the types of what it reads, or gives what its key cannot take.",
    "unknown-name": "The expression names what neither the model nor the rule has.",
    "bad-value": "The value is not among the `values` of the field.",
    "daily": "Warning: when the expression changes by time cannot be computed, so it is looked at every midnight.",
    "recomputed": "Warning: an aggregate cannot be kept up to date item by item; it costs as much as it has items.",
    "unfit-value": "An example gives a field what its type cannot take.",
    "bad-setting": "A setting of a source is not what its connector takes.",
    # the model
    "reserved-name": "The name means something in FEEL or in the engine.",
    "unknown-entity": "No entity type of that name is in config/model.yaml.",
    "unknown-field": "The entity type has no such field.",
    "no-type": "A field says neither `type` nor `ref`.",
    "type-and-match": "A collection that matches entities holds nothing of its own.",
    "match-without-where": "A collection that matches entities says which by `where`.",
    "where-without-match": "`where` says which entities of a `match` belong to the collection.",
    "time-not-analysable": "A condition on `now()` whose next flip cannot be computed.",
    "join-in-time": "A condition over both sides of a join cannot read the clock.",
    "no-join-key": "A join needs something that both sides have in common.",
    "type-and-ref": "A field says both `type` and `ref`.",
    "derived-and-concluded": "A field either follows from others or is set by rules.",
    "derived-reference": "Only a source can give a reference.",
    "default-without-rule": "A default is for fields that rules conclude.",
    "key-without-type": "The key needs a field of another type.",
    "not-recursive": "`acyclic` is for a reference to the entity's own type.",
    "currency-without-money": "Only money has a currency.",
    "two-currencies": "Money has `currency` or `currency_field`, not both.",
    "two-rates": "Exchange rates are kept in one entity type.",
    "no-rates": "Money is converted, and no entity type of the model holds the rates.",
    "inverse-clash": "Two references, or a reference and a field, give the same name to the other side.",
    "no-person": "Personal fields need a person whose key encrypts them.",
    "no-reference": "A reference is needed here, and the field is none.",
    "root-out-of-reach": "No reference leads from the entity to its root.",
    # mappings
    "duplicate-mapping": "Two files map the same source.",
    "unknown-source": "No source of that name is in config/sources.yaml.",
    "unknown-stream": "The source has no such stream.",
    "not-mappable": "The field follows from others or is set by rules; a mapping cannot fill it.",
    "reference-expected": "The field is a reference; say which record or identifier it points at.",
    "reference-target": "A reference points at a record of a stream, or at an identifier of a scheme.",
    "rows-unclear": "Rows of a record need the list they are in and the key of each.",
    "clock-in-mapping": "A record says the same whenever it is read; only the model and rules know the time.",
    "bad-record": "A record of a source cannot be used; it waits in quarantine.",
    # people, policies, models
    "duplicate-id": "Two things have the same id; what is remembered hangs on it.",
    "unknown-country": "The holidays of that country are not known; write its ISO 3166 code.",
    "unknown-person": "No person of that id is in config/people.yaml.",
    "unknown-ruleset": "No folder of that name is below rules/.",
    "self-delegate": "A person cannot stand in for themselves.",
    "unknown-policy": "No policy of that name is in config/autonomy.yaml.",
    "quorum-out-of-reach": "A policy asks for more approvals than people of config/people.yaml may give.",
    "unknown-provider": "No provider of that name is in config/models.yaml.",
    # rules
    "loop": "Fields follow from each other in a circle; the message names each step. Break it at one of them.",
    "no-owner": "Nobody answers for the rule.",
    "unknown-rule": "`instead_of` names no other rule.",
    "was-clash": "`was` claims the past of a rule that is still there, or that another rule claims.",
    "other-subject": "`instead_of` names a rule for another entity type, so they never meet.",
    "exclusive-tie": "Two rules of an exclusive group have the same priority, so neither is the stronger.",
    "stronger-in-circle": "Rules name each other in `instead_of`.",
    "mixed-group": "A group becomes one action, so its members need one operation.",
    "not-concluded": "Rules may only set fields that the model declares as `concluded`.",
    "hidden-field": "A name in `let` would hide a field.",
    "unknown-operation": "The source has no such operation.",
    "read-only-source": "The source may not be written to.",
    "unknown-input": "The operation takes no such input.",
    "missing-input": "The operation needs an input that is not given.",
    "unknown-action": "The rule proposes no such action.",
    "example-form": "An example names what it expects as `RULE/ACTION for TYPE:ID`, facts as `TYPE:ID.FIELD`.",
    "not-given": "An example gives what sources tell; what follows from it or is set by rules comes by itself.",
    "unknown-prompt": "No such prompt is in the ruleset's folder.",
    "unknown-route": "No route of that name is in config/models.yaml.",
    "read-without-values": "A text that is read needs the values that it may have.",
    "read-into-computed": "A read fact fills a field that nothing computes.",
    "read-type": "The field holds another type than the fact that is read into it.",
    "unknown-value": "The fact has no such value.",
    "bad-pattern": "The pattern is no regular expression.",
    "unknown-slot": "The text names a slot that the prompt does not declare.",
    # decision tables
    "row-width": "A row of a decision table has more or fewer cells than the table has columns.",
    "table-overlap": "Two rows match the same input, and the hit policy allows one (UNIQUE) or equal outputs (ANY).",
    "no-priority": "PRIORITY and OUTPUT ORDER rank the outputs by the order of their `values`, which are missing.",
    "several-outputs": "A sum, minimum, maximum or count is made of one output.",
    "clock-in-table": "A table says the same whenever it is asked; give it the moment as an input.",
    "table-loop": "Tables call each other in a circle.",
    "table-gap": "Warning: no row of the table matches an input, and there is no default.",
    "table-unreachable": "Warning: a row of the table can never decide anything.",
    "table-unchecked": "Warning: whether the table has gaps or overlaps could not be told as a whole.",
    # warnings
    "unread-file": "Warning: the file stands where configuration is looked for, under a name that is not read.",
    "unused-prompt": "Warning: no action drafts with the prompt.",
    "unused-fact": "Warning: rules conclude a field and nothing reads it.",
    "unfilled-field": "Warning: a field is read and no mapping fills it, so it is always null.",
    "unmapped-stream": "Warning: a stream is read and no mapping says what it means.",
    "uncounted-money": "Warning: a policy counts money under a key that the action lacks, so nothing of it is counted.",
    "never-fires": "Warning: parts of the condition exclude each other, so it is never true.",
    "always-fires": "Warning: the condition is true of every subject, whatever is known of it.",
    "conflicting-conclusions": "Warning: two rules give a `unique` field different values for one subject.",
    "always-replaced": "Warning: a rule that stands `instead_of` this one holds whenever it does.",
    "absence-unconfirmed": "Warning: the rule waits for a source to say that nothing is missing, which it never says.",
    "duplicate-condition": "Warning: two rules of a ruleset have the same condition.",
    "no-example": "Warning: no example shows what the rule does.",
}


def page_of(code: str) -> str:
    """Return where a code is explained, empty for one that is not known."""
    return f"{PAGE}#{code}" if code in CODES or code in WORK_CODES else ""


def problems_page() -> str:
    """Return the page of all codes, as Markdown."""
    lines = [
        "# Problems",
        "",
        "What each code means. Generated from `engine/rules/codes.py`; a test keeps it current.",
        "",
        "First those of the configuration's files, then [those of a layer at work](#at-work).",
        "",
    ]
    for code, meaning in sorted(CODES.items()):
        lines += [f"## {code}", "", meaning, ""]
    lines += ["# At work", ""]
    for code, meaning in sorted(WORK_CODES.items()):
        lines += [f"## {code}", "", meaning, ""]
    return "\n".join(lines[:-1]) + "\n"
