"""`triaged security-txt`: makes the file of RFC 9116 from the settings, to publish as /.well-known/security.txt."""

from collections.abc import Iterator
from pathlib import Path

import click

from triaged.composition import utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.core.letters import security_txt as rfc9116


@click.command("security-txt")
@click.pass_obj
def security_txt(config: Path | None) -> None:
    """Print security.txt (RFC 9116). It expires in less than a year: publish a new one before that."""
    loaded = load(find_config(config))
    known = _known(loaded)
    click.echo(rfc9116.security_txt(known, utc_now()), nl=False)
    for said in _lacking(known):
        click.echo(f"triaged: {said}", err=True)


def _known(loaded: Loaded) -> rfc9116.SecurityTxt:
    identity, more = loaded.settings.identity, loaded.settings.security_txt
    key = identity.key.url if identity.key else loaded.policy.key_url
    return rfc9116.SecurityTxt(
        address=identity.address,
        contact=more.contact,
        encryption=key or "",
        acknowledgments=more.acknowledgments or "",
        languages=more.languages,
        canonical=more.canonical,
        policy=loaded.policy.url or "",
    )


def _lacking(known: rfc9116.SecurityTxt) -> Iterator[str]:
    """One sentence for each optional line that the settings do not provide."""
    wanted = (
        (known.canonical, "no Canonical line: name the file's address in security_txt.canonical"),
        (known.encryption, "no Encryption line: name your key in identity.key"),
        (known.policy, "no Policy line: name your policy's address as url in policy.yaml"),
    )
    yield from (sentence for value, sentence in wanted if not value)
