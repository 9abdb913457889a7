"""A folder through any life: whatever the server and the process do, each mail is taken in, and once a session."""

from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.support.numbered import NOW, REACH, Watch

AGES = st.sampled_from([timedelta(), timedelta(hours=1), timedelta(hours=50), timedelta(days=400)])


class FolderLife(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.watch = watch = Watch()
        self.server = watch.server
        # Names of mails that may stay where they are, and mails whose taking in was cut short.
        self.excused, self.cut = {-1}, Counter()
        self.server.deliver(-1, NOW - timedelta(days=30))
        self.server.deliver(0, NOW)
        assert watch.poll() == [0]
        self.count, self.restored = 0, False

    @property
    def missing(self):
        taken = {mail.name for *_, mail in self.watch.taken}
        return {uid: mail for uid, mail in self.server.mails.items() if mail.name not in taken | self.excused}

    def excuse_what_is_old(self):
        """After a change of numbers mail is left alone if it arrived long before the last that was taken in."""
        window = self.watch.last_taken_at - REACH
        self.excused |= {mail.name for mail in self.missing.values() if mail.received_at < window}

    def the_numbers_are_seen(self):
        """A pass begins and ends with its search. Before it, mail may come unnoticed under numbers that were used."""
        self.server.dies_in, self.watch.connected = 1, False
        self.watch.poll()

    @rule(age=AGES)
    def mail_comes(self, age):
        self.count += 1
        self.server.deliver(self.count, self.watch.now - age)

    @rule(data=st.data())
    def a_mail_goes(self, data):
        if self.server.mails:
            self.server.mails.pop(data.draw(st.sampled_from(sorted(self.server.mails))))

    @rule(fault=st.sampled_from(["refuse", "nil", "hang"]), data=st.data())
    def a_mail_breaks(self, fault, data):
        if self.server.mails:
            self.server.broken[data.draw(st.sampled_from(sorted(self.server.mails)))] = fault

    @rule()
    def all_mails_are_mended(self):
        self.server.broken.clear()

    @rule()
    def the_folder_is_made_anew(self):
        self.excuse_what_is_old()
        self.server.renumber()
        self.restored = False
        self.the_numbers_are_seen()

    @rule(back=st.integers(1, 6))
    def a_backup_is_restored(self, back):
        self.excuse_what_is_old()
        self.server.restore(max(1, self.server.uidnext - back))
        self.the_numbers_are_seen()
        self.restored = True

    @rule(requests=st.integers(1, 5))
    def the_connection_will_be_lost(self, requests):
        self.server.dies_in = requests

    @rule()
    def the_process_begins_anew(self):
        if self.restored:
            self.excuse_what_is_old()
        if self.restored and self.server.uidnext > self.watch.known.highest:
            # Nothing in the ledger shows then that these UIDs were given anew.
            known = {place.uid for place in self.watch.places if place.uidvalidity == self.server.uidvalidity}
            self.excused |= {mail.name for uid, mail in self.missing.items() if uid in known}
        self.watch.restart()
        if self.restored:
            self.the_numbers_are_seen()

    @rule(minutes=st.sampled_from([1, 10, 70, -90]))
    def a_poll(self, minutes):
        self.watch.poll(timedelta(minutes=minutes))

    @rule(most=st.integers(1, 3), kept=st.booleans())
    def a_poll_that_is_cut_short(self, most, kept):
        begun = len(self.watch.taken)
        self.watch.poll(most=most, kept=kept)
        for session, uid, _ in self.watch.taken[begun:][-1:]:
            self.cut[session, uid] += 1

    @invariant()
    def no_mail_is_taken_in_twice_in_a_session(self):
        times = Counter((session, uid) for session, uid, _ in self.watch.taken)
        assert not {each for each, number in times.items() if number > 1 + self.cut[each]}

    def teardown(self):
        self.server.broken, self.server.dies_in = {}, None
        for _ in range(4):
            self.watch.poll(timedelta(hours=2))
        assert self.missing == {}
        asked = len(self.watch.asked)
        assert self.watch.poll() == []
        assert len(self.watch.asked) == asked


FolderLife.TestCase.settings = settings(max_examples=120, stateful_step_count=30)
TestFolderLife = FolderLife.TestCase
