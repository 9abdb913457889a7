"""The way from facts to a finished mail, as the service goes it, in one step."""

from triaged.adapters.letters.render import JinjaRenderer
from triaged.core.case.owner import ToTeam
from triaged.core.letters import drafts as to_reporters
from triaged.core.team import drafts as to_team

TEAM = ("team@smallest.ai",)


class Writer:
    """A renderer, and who its mails go to."""

    def __init__(self, renderer: JinjaRenderer, policy, digest_to=TEAM) -> None:
        self.renderer, self._policy, self._digest_to = renderer, policy, digest_to
        self.proof = renderer.proof

    def reply(self, reply, now):
        return self.renderer.finished(to_reporters.replying(reply, self._policy, now), now)

    def update(self, update, now):
        return self.renderer.finished(to_reporters.update(update, now), now)

    def reminder(self, reminder, now):
        return self.renderer.finished(to_reporters.reminder(reminder, now), now)

    def written(self, letter, now):
        return self.renderer.finished(to_reporters.written(letter, now), now)

    def begun(self, letter, template, now):
        return self.renderer.words(to_reporters.begun(letter, template, now)).text

    def alarm(self, opened, now):
        return self.renderer.finished(to_team.alarm(opened, self._digest_to, now), now)

    def alert(self, alert, to, now, number=1):
        return self.renderer.finished(to_team.alert(alert, ToTeam("alert", f"{number:06}"), to, now), now)

    def digest(self, digest, now, *, extra=False):
        draft = to_team.extra_digest if extra else to_team.daily_digest
        return self.renderer.finished(draft(digest, self._digest_to, now), now)

    def digest_parts(self, digest):
        return digest_words(self.renderer, digest)


def digest_words(renderer: JinjaRenderer, digest):
    """Subject, text and HTML of a digest."""
    return renderer.words(to_team.daily_digest(digest, TEAM, digest.composed_at))
