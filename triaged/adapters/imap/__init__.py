"""The mailbox over IMAP (RFC 9051): looked at, never marked. Nothing outside this package knows UIDs and folders."""
