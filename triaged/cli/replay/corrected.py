"""The cases in which the team overruled the rules, which rules misled, and how many the rules would now get right."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from triaged.adapters.disk.folder import Folder
from triaged.cli.replay.changes import confusion_table, pairs_shape, share_words, side_lines, strongest
from triaged.cli.shapes import Json
from triaged.cli.tables import marked, table
from triaged.cli.verdicts import VERDICTS, Said, said_in
from triaged.core.case.case import Case
from triaged.core.commands.command import NO_SCOPE, SetScope
from triaged.core.commands.writing import typed
from triaged.core.mail.message import Message
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import ScopeName
from triaged.core.report.measures import Share
from triaged.core.report.reading import merged, read_report
from triaged.core.report.report import Report
from triaged.core.text import defanged

_BANDS = ("high", "low")


@dataclass(frozen=True, slots=True)
class Correction:
    """One case for which a person set another scope than the rules had."""

    case: str
    subject: str
    was: Said
    person: ScopeName
    now: Said | None
    """Today's verdict of the rules on its mails; None if one of them is no longer in the spool."""

    @property
    def mended(self) -> bool:
        """True if the rules now say what the person said."""
        return self.now is not None and self.now.verdict == self.person

    @property
    def misled(self) -> tuple[str, ...]:
        """The rules that argued for another scope than the person's."""
        return tuple(dict.fromkeys(each.rule for each in self.was.reasons if each.scope != self.person))

    def shape(self) -> Json:
        """As JSON."""
        return {
            "case": self.case,
            "was": self.was.shape(),
            "person": self.person,
            "now": self.now and self.now.shape(),
            "mended": self.mended,
        }


class Review:
    """The cases of a store that people have decided on. Their mails are read again one after the other."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._decided = [case for case in cases if case.report and (case.scope_set or case.triaged_at)]

    @property
    def pairs(self) -> Counter[tuple[str, str]]:
        """The rules' verdict and the person's scope, for cases where a person set one."""
        return Counter((said.verdict, case.scope_set) for case, said in self._verdicts() if case.scope_set)

    def overruled(self, band: str) -> Share:
        """The share of the scopes in a band that a person looked at and changed."""
        inside = [case for case, said in self._verdicts() if said.band == band and said.verdict != "unclear"]
        return Share(sum(_corrected(case) for case in inside), len(inside))

    def corrections(self, spool: Path, read: Callable[[bytes], Message], policy: Policy) -> Iterator[Correction]:
        """Each case that was corrected, read again under a policy."""
        for case, was in self._verdicts():
            if _corrected(case) and case.scope_set:
                now = _again(case, spool, read, policy)
                yield Correction(case.id, case.opening.subject, was, case.scope_set, said_in(now) if now else None)

    def told(self, corrections: list[Correction], policy: str) -> Iterator[str]:
        """The review as lines for a person."""
        if not self.pairs:
            yield f"Nobody has set a scope yet: `{typed('CASE', SetScope(NO_SCOPE))}` does."
            return
        yield confusion_table(self.pairs, VERDICTS, "rules \\ person")
        yield ""
        for band in _BANDS:
            yield f"overruled, band {band}: {share_words(self.overruled(band))}"
        if misled := _misled(corrections):
            yield ""
            yield table(("RULE", "SPOKE WRONGLY", "IN CASES"), misled)
        for correction in corrections:
            yield ""
            yield from _lines(correction, policy)
        yield ""
        mended = sum(correction.mended for correction in corrections)
        yield f"{policy} now gets {mended} of {len(corrections)} corrected cases right."

    def summary(self, corrections: list[Correction]) -> Json:
        """The counts as JSON."""
        shares = {band: self.overruled(band) for band in _BANDS}
        return {
            "corrected": len(corrections),
            "mended": sum(correction.mended for correction in corrections),
            "unread": sum(correction.now is None for correction in corrections),
            "pairs": [
                {"rules": each["was"], "person": each["now"], "count": each["count"]}
                for each in pairs_shape(self.pairs)
            ],
            "overruled": {band: {"count": share.count, "of": share.of} for band, share in shares.items()},
            "rules": [{"rule": rule, "cases": cases.split(", ")} for rule, _, cases in _misled(corrections)],
        }

    def _verdicts(self) -> Iterator[tuple[Case, Said]]:
        for case in self._decided:
            if case.report:
                yield case, said_in(case.report)


def _corrected(case: Case) -> bool:
    return bool(case.report and case.scope_set and case.scope_set != case.report.verdict.scope)


def _misled(corrections: Iterable[Correction]) -> list[tuple[str, str, str]]:
    """Each rule that argued for a wrong scope, how often and in which cases; the worst first."""
    cases: dict[str, list[str]] = {}
    for correction in corrections:
        for rule in correction.misled:
            cases.setdefault(rule, []).append(correction.case)
    ranked = sorted(cases.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(rule, str(len(found)), ", ".join(found)) for rule, found in ranked]


def _lines(correction: Correction, policy: str) -> Iterator[str]:
    colour = "green" if correction.mended else "yellow"
    turn = marked(f"{correction.was.verdict} -> {correction.person}", colour)
    yield f"{turn}  {correction.case}  {defanged(correction.subject, 90) or '(no subject)'}"
    yield from side_lines("rules then", correction.was, strongest(correction.was))
    if correction.now is None:
        yield f"  {policy}: a mail of it is no longer in the spool"
    else:
        yield from side_lines(policy, correction.now, strongest(correction.now))


def _again(case: Case, spool: Path, read: Callable[[bytes], Message], policy: Policy) -> Report | None:
    """The verdict on all mails of a case, read under a policy in the order in which they came; None if one is missing."""
    report: Report | None = None
    for mail in case.mails:
        try:
            raw = Folder.in_state(spool).read(mail.sha256)
        except FileNotFoundError:
            return None
        reading = read_report(read(raw), policy)
        report = merged(report, reading, policy) if report else reading
    return report
