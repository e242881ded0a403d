"""English, as the guards read it."""

import re
from typing import Final

from approvals.drafting.lexicon import Lexicon, any_of, words

_SURELY = (
    "also always certainly gladly happily kindly not of_course only really simply still surely then therefore".replace(
        " ", "|"
    )
)
_HARMLESS = (
    "answer appreciate arrange ask assist assume be bring call check clarify clear_(?:it|this|that)_up close confirm "
    "contact correct count discuss do explain expect find get_back happen has have(?!_to) hear help hope i it know "
    "let like locate look love make_sure match mean meet mention need note please point proceed provide put reach "
    "receive remind reply resolve respond review say see send_(?:you_)?(?:it|a_copy|the_invoice) sort speak suggest "
    "take talk tell_(?:us|you) thank that the there these they this trace understand update value we welcome whether "
    "work write you your"
).replace(" ", "|")
"""What every letter says that somebody will or can do, and what follows such a word where it asks."""
_UNDERTAKINGS = (
    r"(?:\b(?:will|would|shall)|'ll|\w'd|\b(?:we|i|somebody|nobody|nothing)\s+(?:can|could|may|might)"
    r"|\b(?:we|i)(?:\s+are|\s+am|'re|'m)?\s+(?:ready|willing|prepared|happy|glad|pleased|able|going|intend|want|plan)\s+to)"
    rf"\s+(?:(?:{_SURELY})\s+)*(?!(?:{_SURELY}|{_HARMLESS})\b)[a-z]+"
).replace("_", r"\s+")

ENGLISH: Final = Lexicon(
    letters=frozenset("àâäçéèêëîïñóôöùûüœß"),
    common=words(
        "the of and to in a is that it for you we was on are with as your our this be at have from or by not but has "
        "if can would could please any this will may let us know i an there when so been do would should these which"
    ),
    openers=words(
        "i a an the this that these those it we our ours you your there here if when once while since as because "
        "although though however therefore so and but or also just again please kindly thank thanks dear hello hi "
        "good greetings let may might could would should can will do does did is are was were have has had in on at "
        "by for from to with without within after before according regarding concerning about further following best "
        "kind warm warmest many sincerely yours faithfully regards respectfully cordially unfortunately fortunately "
        "currently meanwhile otherwise alternatively in any should all at each every no not nothing perhaps possibly "
        "what which who why how where whether unless until upon under over above below per payment invoice account "
        "reminder friendly gentle accounts team morning afternoon evening looking hoping hope feel attached enclosed "
        "below open outstanding sir madam valued customer subject"
    ),
    titles=words(
        "accounts account receivable receivables payable department finance financial office team service services "
        "customer credit control management invoice payment reminder sir madam partner"
    ),
    numbers=any_of(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundreds? thousands? millions? "
        "billions? dozens? percent per_cent half quarter twice triple zero nought k grand couple thrice "
        "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\\w+ second third fourth fifth sixth seventh "
        "eighth ninth tenth",
    ),
    dates=any_of(
        "today tonight tomorrow yesterday mondays? tuesdays? wednesdays? thursdays? fridays? saturdays? sundays? "
        "january february april june july august september october november december weekend "
        "next_(?:week|month|year|quarter) end_of_(?:the_|this_|next_)?(?:day|week|month|year|quarter|business) "
        "close_of_business fortnight march (?:of|in|by|until|till|before|after|since|from)_may noon midday midnight "
        "christmas easter new_year (?:few|several|some|couple_of|many)_(?:minutes|hours|days|weeks|months) "
        "within_(?:\\w+_)?(?:minutes?|hours?|days?|weeks?|months?)",
    ),
    promises=any_of(
        "discount\\w* waiv\\w+ refund\\w* rebate\\w* reimburs\\w+ compensat\\w+ credit_notes? write_off writ\\w+_off "
        "forgiv\\w+ guarant\\w+ promis\\w+ free_of_charge complimentary extend\\w* extension\\w* grace_period "
        "instal?lments? legal\\w* lawyers? attorneys? lawsuits? sue sued suing courts? litigation police bailiffs? "
        "collection_agency debt_collect\\w+ penalt\\w+ late_fees? surcharges? interest suspend\\w* terminat\\w+ "
        "blacklist\\w* credit_(?:bureau|rating|score) bank_(?:details|account) account_number iban swift "
        "password\\w* bcc cc wire gift_cards? gifts? bonus\\w* vouchers? coupons? rewards? prizes? "
        "(?<!kind\\s)enough suffic\\w+ nothing_(?:else|more|further) (?:pay|paid|paying|settle)_later consequences? "
        "lower\\w* reduc\\w+ cheaper our_(?:new_|other_)?bank "
        "(?:new|other|another|different|second)_(?:bank_)?account cash cards? cvv pin login credentials wallets? "
        "search_engines?",
    ),
    undertakings=re.compile(_UNDERTAKINGS),
    machines=any_of(
        "ai assistants? bots? automat(?:ed|ic)_readers? agents? (?:dear|the|this|any)_model functions? tools? "
        "approve\\w* summari[sz]e\\w* mark_(?:this|it)_as release_the do_not_(?:show|tell|mention|reveal|forward)",
    ),
    endings=re.compile(r"(?:s|es)$"),
)
