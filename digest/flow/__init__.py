"""The use cases: the only place where rooms meet.

::

    ingest_listings → prepare_issues → deliver_issues
    sources → papers   due → issues     queue → mailboxes

Each may run twice, at any moment, in any number of processes: what it does is decided by
conditional updates in the store, never by who came first.
"""

from digest.evaluate import MEASURES, MODEL, Ask, Figure, Fold, Kind, Measured
from digest.flow.admin import (
    Day,
    DeliveryTable,
    Order,
    Overview,
    SubscriberTable,
    explain,
    find_deliveries,
    find_subscribers,
    hold,
    overview,
    retry,
)
from digest.flow.backup import Restored, back_up, restore
from digest.flow.bounce import Followed, Taken, take_bounce
from digest.flow.check import Checked, Known, check_sources, known_sources
from digest.flow.deliver import Delivered, anything_waits, deliver_issues
from digest.flow.doctor import Condition, Finding, Patient, diagnose
from digest.flow.evaluate import Evaluated, Evaluation, Wanted, evaluate
from digest.flow.examine import Examined, examine_bounces, record_bounces
from digest.flow.examples import (
    LARGEST_LIBRARY,
    LONGEST_TEXT,
    LONGEST_TITLE,
    NOTHING_FOUND,
    FoundExamples,
    ReadLibrary,
    find_examples,
    read_library,
)
from digest.flow.hosts import resume
from digest.flow.ingest import ingest_given, ingest_listings
from digest.flow.limits import admit, count_guess, may_guess
from digest.flow.look import Shelf, Stock, look_ahead, newest
from digest.flow.mail import kind_of_place
from digest.flow.pairs import Paired, Voted, evaluate_pairs
from digest.flow.postbox import fetch_bounces, open_door
from digest.flow.prepare import Prepared, prepare_issues
from digest.flow.profile import (
    Profiled,
    change_wishes,
    erase,
    export,
    find_profile,
    find_reader,
    pause,
)
from digest.flow.public import Archive, Latest, find_archive, find_feed, latest
from digest.flow.pulse import (
    Job,
    Measurements,
    Readiness,
    beat,
    check_books,
    measure,
    note_run,
    readiness,
)
from digest.flow.signup import (
    confirm,
    find_unconfirmed,
    forget_unconfirmed,
    request_link,
    sign_up,
)
from digest.flow.subscribe import (
    Subscribed,
    find_by_email,
    find_by_token,
    follow_config,
    subscribe,
    unsubscribe,
)
from digest.flow.tell import (
    LATELY,
    Preview,
    Status,
    Why,
    papers,
    preview,
    status,
    subscribers,
    view,
    why,
)
from digest.flow.visit import Ingested
from digest.flow.vote import (
    Ballot,
    cast_vote,
    find_ballot,
    forget_vote,
    take_vote_back,
    with_votes,
)
from digest.flow.watch import watch

__all__ = [
    "LARGEST_LIBRARY",
    "LATELY",
    "LONGEST_TEXT",
    "LONGEST_TITLE",
    "MEASURES",
    "MODEL",
    "NOTHING_FOUND",
    "Archive",
    "Ask",
    "Ballot",
    "Checked",
    "Condition",
    "Day",
    "Delivered",
    "DeliveryTable",
    "Evaluated",
    "Evaluation",
    "Examined",
    "Figure",
    "Finding",
    "Fold",
    "Followed",
    "FoundExamples",
    "Ingested",
    "Job",
    "Kind",
    "Known",
    "Latest",
    "Measured",
    "Measurements",
    "Order",
    "Overview",
    "Paired",
    "Patient",
    "Prepared",
    "Preview",
    "Profiled",
    "ReadLibrary",
    "Readiness",
    "Restored",
    "Shelf",
    "Status",
    "Stock",
    "Subscribed",
    "SubscriberTable",
    "Taken",
    "Voted",
    "Wanted",
    "Why",
    "admit",
    "anything_waits",
    "back_up",
    "beat",
    "cast_vote",
    "change_wishes",
    "check_books",
    "check_sources",
    "confirm",
    "count_guess",
    "deliver_issues",
    "diagnose",
    "erase",
    "evaluate",
    "evaluate_pairs",
    "examine_bounces",
    "explain",
    "export",
    "fetch_bounces",
    "find_archive",
    "find_ballot",
    "find_by_email",
    "find_by_token",
    "find_deliveries",
    "find_examples",
    "find_feed",
    "find_profile",
    "find_reader",
    "find_subscribers",
    "find_unconfirmed",
    "follow_config",
    "forget_unconfirmed",
    "forget_vote",
    "hold",
    "ingest_given",
    "ingest_listings",
    "kind_of_place",
    "known_sources",
    "latest",
    "look_ahead",
    "may_guess",
    "measure",
    "newest",
    "note_run",
    "open_door",
    "overview",
    "papers",
    "pause",
    "prepare_issues",
    "preview",
    "read_library",
    "readiness",
    "record_bounces",
    "request_link",
    "restore",
    "resume",
    "retry",
    "sign_up",
    "status",
    "subscribe",
    "subscribers",
    "take_bounce",
    "take_vote_back",
    "unsubscribe",
    "view",
    "watch",
    "why",
    "with_votes",
]
