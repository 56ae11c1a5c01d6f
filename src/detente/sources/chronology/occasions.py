"""What brought people together, by regular expressions on the text of the record."""

from __future__ import annotations

import re
from typing import Literal

Occasion = Literal["calendar", "funeral", "ad hoc"]

FUNERAL = re.compile(r"\b(?:funeral|memorial service|memorial ceremon)", re.IGNORECASE)
"""A burial or a service in memory of the dead."""

CALENDAR = re.compile(
    r"""
    \bG[-\u2013]?\s?(?:7|8|20)\b | Group\sof\s(?:Seven|Eight|Twenty) | Economic\sSummit
    | \bAPEC\b | Asia[-\u2013]Pacific\sEconomic | \bASEAN\b | East\sAsia\sSummit
    | \bNATO\b | North\sAtlantic | \bNAC\b | Euro-Atlantic
    | \bCSCE\b | \bOSCE\b | Security\sand\s(?:Co-?operation|Cooperation)\sin\sEurope
    | U\.?N\.?\s(?:General\sAssembly|Security\sCouncil|Millen\w+|Conference|Climate|Summit)
    | United\sNations | General\sAssembly | Climate\sChange\sConference | \bCOP\s?\d+
    | Summit\sof\sthe\sAmericas | North\sAmerican\sLeaders | \bOAS\b | Organization\sof\sAmerican
    | Inter-?\s?American | Pan[-\s]American | Chiefs\sof\sState
    | Nuclear\sSecurity\sSummit | Africa\sLeaders | Pacific\sIslands? | \bQuad\b
    | (?:U\.?S\.?|EU)[-\u2013](?:EU|U\.?S\.?|GCC|ASEAN) | European\sUnion\sSummit
    | \bSEATO\b | \bCENTO\b | \bANZUS\b | \bOECD\b | \bGCC\b | Gulf\sCooperation
    | World\sEconomic\sForum | Munich\sSecurity | Summit\sfor\sDemocracy | Bucharest\sNine
    | Council\sof\sthe\sAmericas | Partnership\sfor\sAtlantic | Major\sEconomies
    """,
    re.VERBOSE,
)
"""A gathering that the calendar of an organisation sets, not the two parties."""

GATHERING = re.compile(
    CALENDAR.pattern
    + r"""
    | [Cc]onference | Peace\sCongress | 25th\sAnniversary\sof\sthe\sU\.N
    | (?:Heads|heads|chiefs|Chiefs)\sof\s(?:[Ss]tate|[Gg]overnment) | \bsigning\sof\b
    | [Ii]nauguration | [Cc]oronation | [Ww]edding | commemorat | Middle\sEast\sSummit
    | Founding\sAct | Contact\sGroup | Foreign\sMinisters | Ministerial | [Ff]uneral | [Mm]emorial
    | Olympic | Leaders[\u2019']?s?\sSummit | Summit\sof\b | Friends\sof | Donors
    """,
    re.VERBOSE,
)
"""A gathering of three or more powers, or a ceremony that brings many together."""

AD_HOC = re.compile(
    r"\b[Ss]ummit [Mm]eeting|\bSummit\b|\bcris[ie]s|\bdiscuss|\b[Tt]alks\b|\bnegotiat|\bconfer"
    r"|\b[Ss]igned\b|cease-?fire|peace (?:process|plan|talks|agreement)|\bSought\b|conversations"
)
"""Talks arranged for their own sake; tried only where the two above do not match."""


def occasion(text: str) -> Occasion | None:
    """Return what the text says brought the parties together, null where it does not say."""
    if FUNERAL.search(text):
        return "funeral"
    if CALENDAR.search(text):
        return "calendar"
    return "ad hoc" if AD_HOC.search(text) else None
