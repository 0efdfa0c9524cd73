"""What mail servers say, sorted by what it means.

Rules are asked in order and the first that fits decides: what is said of us (our address, our
reputation, our mail) comes before what is said of the recipient. Case does not matter; addresses
and links are ``@``, and every gap is one space. ``~`` stands for a few words of the same sentence.
"""

import re

from digest.model import BounceReason as R

_NEAR = r"(?:[^.;:]|\.(?=\S)){0,60}"
_SOON = r"(?:[^.;]|\.(?=\S)){0,90}?"
_NOT = r"(?:not|n['’]?t)"
_BOX = r"(?:mail ?box|account|inbox|folder|maildir|storage|quota|disk)"
_WHO = (
    r"(?:user(?:name|[ -]?id)?|recipient|mail ?box|account|address(?:ee)?"
    r"|e-?mail (?:address|account)"
    r"|alias|person|local[- ]part|utilisateur|utente|cuenta|benutzer|teilnehmer)"
)

_PLACE = r"(?:user|recipient|mail ?box|account|address)"

_SAID: tuple[tuple[R, tuple[str, ...]], ...] = (
    (
        R.NO_HOST,
        (r"account or domain may not exist, they may be blacklisted",),  # cPanel, of no route
    ),
    (
        R.REFUSED,  # our address or our server
        (
            r"\b(?:sender|mail from|from address|envelope[- ]from|return[- ]path|helo|ehlo)\b~"
            r"(?:reject|refuse|den(?:y|ied)|invalid|not exist|unknown|unverif|verif"
            r"|not allowed|block)",
            r"your (?:mail )?(?:server|domain|host|network|ip)\b~"
            r"(?:reject|block|listed|den(?:y|ied)|refuse|banned|not allowed|does not fulfil)",
            r"domain of sender|backscatter|\bbatv\b|your (?:ip )?address(?! book)",
            r"from:? +domain is invalid|\bverif\w*\b~\bsender|client host rejected",
            r"\b(?:host ?name|host|domain)\b~for (?:your |the )?ip\b",
            r"sender (?:address|domain)|bad sender|invalid sender|sender was rejected",
        ),
    ),
    (
        R.FULL,
        (
            rf"{_BOX}\b~(?:\bfull|exceed|too large|over (?:its|the|his|allowed)\b)",
            r"over ?quota|quota[- ](?:exceeded|violation|full)|exceed\w*\b~quota",
            r"(?:out of|not enough|insufficient)(?: system| disk| mail)? (?:storage|space"
            r"|quota|disk)",
            r"full mail ?box|mail ?box (?:is )?(?:too )?(?:full|large|size)|mailfile full",
            r"bo[iî]te~(?:pleine|satur)|postfach~(?:voll|überschritten)|buz[oó]n~lleno|caixa~cheia|casella~pien",
            r"ящик~переполнен|容量(?:を|オーバー|が)|一杯です|邮箱~满|空间不足",
        ),
    ),
    (
        R.DISABLED,
        (
            r"\b(?:user|account|mail ?box|recipient|address|domain)\b~(?:\bdisabled"
            r"|suspended|inactive"
            r"|deactivated|locked|frozen|closed|discontinued|not active|no longer active|on hold"
            r"|temporarily unavailable)",
            r"(?:disabled|suspended|inactive|deactivated|locked) (?:user|account|mail ?box"
            r"|recipient)",
            r"not been used for|inactivity|on hold\b|^inactive|temporarily (?:inactive|limited"
            r"|restricted)|unavailable or access denied",
        ),
    ),
    (
        R.TOO_LARGE,
        (
            r"\b(?:message|e?-?mail|size|length|content|data|attachment)\b~too (?:big|large|long)",
            r"\b(?:message|e?-?mail|size|length)\b~exceed\w*~(?:size|limit|length|maximum)",
            r"(?:maximum|fixed|max)\b~(?:message|mail) ?(?:size|length)|size (?:limit )?exceed",
        ),
    ),
    (
        R.REFUSED,  # our mail, our reputation, how we sent it
        (
            r"spam|\bube\b|unsolicited|bulk (?:e-?)?mail|\bjunk|advertis|undesirable",
            r"virus|malware|phish|infected|suspicious|potential(?:ly)? (?:security|harmful"
            r"|threat)",
            r"(?:black|block|deny) ?list|\bdns[bw]l|\b[rxsp]bl\b|spamhaus|sorbs|barracuda"
            r"|proofpoint",
            r"reputation|rate ?-?limit|throttl|frequency limit|user complaints|unexpected volume",
            r"too (?:many (?!hops)|fast\b|quickly|frequent)|number of invalid|slow down",
            r"dmarc|\bspf\b|dkim|senderid|unauthenticated|not authenticated|unauthori[sz]ed",
            r"authentication (?:required|failed|failure|check)|not authori[sz]ed|smtp auth",
            r"reverse (?:dns|lookup|ip|host)|\bptr\b|\brdns\b|unverif[iy]|forward[- ]confirmed",
            r"\b(?:ip|client|host|connection|message|mail|content|network)\b~\b(?:banned|block)",
            r"\bblocked\b|\bbanned\b|polic(?:y|ies)|prohibited|permi(?:tted|ssion)|restricted",
            r"\b(?:content|header|data|transaction)\b~(?:reject|refuse|not accepted|denied)",
            r"\b(?:message|mail)\b (?:was |is |has been )?(?:content )?(?:reject|refuse|denied)",
            r"\brelay(?:ing)?\b~(?:denied|not|prohibited|refuse|access)|(?:unable to|cannot"
            r"|no|open) relay",
            r"security (?:reasons|violation|policy)|rfc ?\d{3,4}~compl|not (?:rfc|compliant)",
            r"(?:duplicate|bad|malformed|missing) header|header error|starttls"
            r"|tls (?:is )?required",
            r"gr[ea]y-?list|use the smtp server of your isp|harvest|\babus(?:e|ive)\b",
            r"server access|access (?:from|by) ~(?:denied|refuse|forbidden)|no access from",
            r"not (?:a )?member|temporarily deferred|messages? from ~temporarily"
            r"|all recipient addresses rejected",
        ),
    ),
    (
        R.FILTERED,
        (
            r"(?:recipient|e-?mail) preferences|in reply to end of data|user['’]s (?:filter|rule)",
            r"by (?:the )?(?:recipient|user|owner)['’]?s? (?:own )?(?:setting|filter|rule"
            r"|request)",
            r"refused by (?:the )?recipient|(?:user|recipient) (?:has )?(?:refuse|decline)[sd]?\b",
            r"restricted sender|account is protected|rule imposed|delivery restriction",
            rf"does ?{_NOT} (?:accept|want) (?:mail|messages?) from (?:you|this)",
            r"may not exist, or you may not have permission|not allowed to receive",
            r"\bnot (?:on|in) ~(?:white|allow)[- ]?list|allow(?:ed)?[- ]?senders?[- ]?list",
            r"(?:^|\s)550 : user unknown",  # KDDI, of what its user's filter refuses
        ),
    ),
    (
        R.TROUBLE,
        (r"command output|procmail|maildrop|could ?n['’]t create|pipe to \||no such file",),
    ),
    (
        R.MOVED,
        (
            r"ha(?:s|ve) moved|moved permanently|no longer on (?:this )?server|not our user",
            r"user not local|address (?:has )?(?:been )?changed|been replaced by|changed (?:his|her"
            r"|their) (?:e-?mail )?address",
            r"(?<![\w.])551[ -](?!\d\.[57]\.)",  # RFC 5321: user not local; please try …
        ),
    ),
    (
        R.NO_MAIL,
        (
            r"null ?mx|indicated no smtp service|no (?:mail exchanger|mx)\b|mx (?:record"
            r"|entry)~(?:not found|missing)",
            rf"(?:domain|host|server)\b~does ?{_NOT} (?:accept|receive)(?: any)? (?:e-?mail|mail)\b"
            r"(?! (?:connection|from|by))",
            r"does not accept (?:any )?e?-?mail\b(?! (?:connection|from))"
            r"|smtp service not available here",
            r"not accepting network messages",  # X.3.2, said for good
            r"(?<![\w.])5[25]6 (?:5\.1\.10|.{0,20}no mail)",  # RFC 7504, RFC 7505
        ),
    ),
    (
        R.NO_HOST,
        (rf"\bdomain(?: ?name)?\b~(?:does|did) ?{_NOT} exist",),
    ),
    (
        R.NO_MAILBOX,
        (
            rf"\b{_WHO}\b{_SOON}\b(?:unknown|invalid|inexistant|unbekannt|inconnue?"
            rf"|invalide)",
            rf"\b{_WHO}\b{_SOON}(?:\bnot|n['’]t) (?:be |been )?(?:found|known|listed|recogni[sz]ed"
            rf"|local|valid)",
            rf"\b{_WHO}\b{_SOON}(?:(?:does|did|do) ?{_NOT}|not|do(?:es)? no) exist",
            rf"\b{_WHO}\b~no longer (?:exists?|valid|available|with|in use|here|active)",
            rf"\b(?:unknown|invalid|no such|non[- ]?existent|bad|illegal|unrecogni[sz]ed|incorrect"
            rf"|(?:not|no) (?:a )?(?:known|valid))(?: or \w+| local| virtual| destination"
            rf"| final| delivery)*"
            rf" (?:rcpt )?{_WHO}s?\b",
            r"no (?:mailbox|one|such \w+) (?:here|by|found|for)|no such (?:user|person"
            r"|local|recipient)",
            rf"\b{_WHO}\b~\bnot (?:ok|present|an? (?:valid|local|active))|archived {_WHO}",
            rf"(?:not|isn't) an? (?:active|local|valid) {_WHO}|(?:bad"
            rf"|invalid)[-_](?:recipient|address)",
            rf"\b{_PLACE}\b~\b(?:deleted|removed|terminated|cancell?ed|no more)|no longer exists",
            rf"(?<!from )@ (?:is )?(?:unknown\b(?! (?:\w+ )?(?:host|domain|server|error))"
            rf"|not known|(?:does|did) ?{_NOT} exist)|nobody (?:here )?by",
            rf"no (?:such )?{_WHO}\b~(?:by that name|available)|no (?:one"
            rf"|such \w+) at this address",
            r"has left\b(?! (?:a|you|his|her|their)\b)|left the (?:company"
            r"|organi[sz]ation|university)"
            r"|mailbox name (?:is )?(?:not allowed|invalid)",
            r"(?<![\w.])542[ -]~rejected",  # MessageLabs, of addresses nobody registered there
            r"can['’]?t accept user|badrcptto|missing home directory|in (?:the )?name directory",
            r"recipients? (?:was|were) undeliverable|no longer accepts mail"
            r"|address(?:es)? were unknown",
            r"no existe(?: (?:dicha|ese|esa|tal|el|la)|$)|nessun utente|account unavailable",
            r"not listed in|(?:can(?:['’]t|not)|could not) find ~(?:user|recipient|mailbox"
            r"|address)",
            r"recip(?:ient)? ?not ?found|adr\.recip|user ?unkn?own|name is not recogni[sz]ed",
            r"address (?:not found|unknown|error|you entered could)"
            r"|address could ?n['’]t be found|unavailable mail user|not (?:a )?user of this",
            rf"does ?{_NOT} have an? [^;]{{0,60}}?account|no longer (?:works?|employed"
            rf"|a valid)|wasn['’]t found at",
            r"is not (?:a )?(?:valid|known|our|my) (?:user|address|mailbox|customer)"
            r"|bad destination",
            r"(?:destinataire|adresse|usager|bo[iî]te)~(?:inconnu|invalide|inexist|n'existe)",
            r"(?:empfänger|benutzer|postfach|adresse)~(?:nicht (?:gefunden|bekannt)"
            r"|unbekannt|existiert)",
            r"(?:destinatario|utente|usuario)~(?:desconocido|sconosciuto|inesistente|no existe)",
            r"(?:usuário|destinatário|endereço|caixa postal)~(?:não (?:foi )?encontrad|não existe"
            r"|inexistente|desconhecid)",
            r"onbekende? (?:gebruiker|adres|ontvanger)|(?:gebruiker|ontvanger|adres)~(?:onbekend"
            r"|bestaat niet)",
            r"(?:användaren|mottagaren|adressen)~(?:finns inte|okänd)|nie istnieje|nieznany"
            r" (?:użytkownik|odbiorca|adres)",
            r"не (?:найден|существует)|нет такого|存在しません|見つかりません",
            r"宛先~不明|不存在|未找到|未开通",
        ),
    ),
    (
        R.NO_HOST,
        (
            r"couldn['’]t find any host|unroute?able|nxdomain|no such (?:host|domain)"
            r"|illegal host",
            r"(?:host|domain) unknown|domain (?:name )?is not reachable|(?:unknown|invalid|illegal"
            r"|no such|non-?existent) (?:mail )?(?:host|domain|server)",
            rf"(?:could|can|did|unable|was) ?{_NOT}? ?(?:to )?find ~(?:host|domain|server)\b",
            r"mx records point to non-?existent|no valid (?:hosts|mx)|undeliverable domain",
        ),
    ),
    (
        R.EXPIRED,
        (
            r"\bexpired?\b|timed? ?out|timeout|retries|too long|(?:given|giving|gave) up|deferred",
            r"delayed|no answer|try again|temporar(?:y|ily)|not (?:yet )?been delivered"
            r"|in the queue",
            r"not be delivered for|failed \d+ attempts|socket error|not accept our requests",
            r"able to establish|connection (?:refuse|reset|dropped|lost|closed)|refused to talk",
            r"no route to host|network is unreachable|not reachable|(?:n['’]?t|failed to) connect",
        ),
    ),
    (
        R.NO_HOST,
        (
            r"\b(?:host|domain)(?: ?name)?\b~(?:not (?:be )?found|unknown|not exist"
            r"|n['’]t be found)",
            r"domain must exist|non-?existent (?:host|domain)|name or service not known"
            r"|name service error",
            r"bad destination|(?:can['’]t|unable to|not be) resolve|does not exist",
        ),
    ),
    (
        R.TROUBLE,
        (
            r"system (?:error|problem|resources)|internal (?:error|server)|unavailable"
            r"|command died",
            r"mailer error|configuration|loops?\b|too many hops|local error|unable to contact",
            r"i/o error|out of memory|insufficient|protocol error|syntax error|improper sequence",
        ),
    ),
)

# What says "no such mailbox" where no reason follows, by its code.
_PERHAPS = (
    r"recipient (?:address )?rejected|(?<!sender )address rejected"
    r"|mail ?box (?:is |currently )?unavailable(?! or)"
    r"|unavailable mail ?box|requested (?:mail )?action not taken: mailbox(?: unavailable)?"
)


def _compiled(words: str) -> re.Pattern[str]:
    return re.compile(words.replace("~", _NEAR), re.IGNORECASE)


RULES = tuple((reason, _compiled("|".join(words))) for reason, words in _SAID)
PERHAPS = _compiled(_PERHAPS)
REFUSED = _compiled(r"denied|rejected|refused|forbidden|not (?:allowed|accept)|unacceptable")
