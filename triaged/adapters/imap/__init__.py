"""The mailbox over IMAP (RFC 9051). Mail is read with PEEK, so nothing in the mailbox shows that triaged was there."""
