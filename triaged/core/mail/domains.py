"""The organisational domain (RFC 7489 section 3.2): who a domain's name was registered by."""

# Under a country's two letters, labels that are registries' almost everywhere they occur: example.co.uk, example.com.au,
# example.or.jp, example.gob.mx.
_SECOND_LEVEL = frozenset("ac co com edu go gob gouv gov govt mil ne net nom or org".split())
# The same in one country alone; and names under which strangers get names of their own, and send mail from them.
_SHARED = frozenset(
    "ltd.uk me.uk nhs.uk plc.uk police.uk sch.uk asn.au id.au gen.nz geek.nz school.nz firm.in gen.in ind.in nic.in res.in "
    "in.th web.za law.za web.id sch.id in.ua adv.br eng.br med.br gv.at in.rs "
    "appspot.com azurewebsites.net blogspot.com co.com de.com duckdns.org eu.com eu.org firebaseapp.com github.io gitlab.io "
    "herokuapp.com ngrok.io no-ip.org onmicrosoft.com onrender.com pages.dev uk.com us.com us.org vercel.app web.app "
    "workers.dev".split()
)
_COUNTRY = 2


def organisational_domain(domain: str) -> str:
    """The registered name that this domain belongs to, lower case: `mail.example.co.uk` gives `example.co.uk`.

    A short table in place of the Public Suffix List, which has ten thousand rows and changes weekly. Where the table does not
    know a suffix (`city.kawasaki.jp`, a hoster's domain), strangers under it count as one organisation; where a firm owns a
    name that looks like a registry's (`com.de`), its subdomains count as several. So this is fit to
    compare what a trusted border has checked, and for nothing that DMARC itself must decide.
    """
    labels = domain.lower().rstrip(".").split(".")
    suffix = 2 if _is_suffix(labels[-2:]) else 1
    return ".".join(labels[-suffix - 1 :])


def aligned(one: str, other: str) -> bool:
    """Whether two domains belong to one organisation: relaxed alignment (RFC 7489 section 3.1)."""
    return bool(one) and bool(other) and organisational_domain(one) == organisational_domain(other)


def domain_of(address: str) -> str:
    """The domain of an addr-spec, lower case; of a bare domain, itself."""
    return address.rpartition("@")[2].strip(" \t<>").lower()


def _is_suffix(last_two: list[str]) -> bool:
    if ".".join(last_two) in _SHARED:
        return True
    return len(last_two) > 1 and len(last_two[1]) == _COUNTRY and last_two[0] in _SECOND_LEVEL
