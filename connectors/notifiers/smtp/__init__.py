"""Mail by SMTP: one message to one address; our number is its Message-ID, since a mail server cannot be asked."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from connectors.contract.errors import AuthFailed, ConnectorError, OutcomeUnknown, Refused, Retryable
from connectors.contract.geocoding import MessageFound
from connectors.contract.manifest import CheckReport, Field, Manifest
from connectors.contract.notices import Receipt
from connectors.contract.telling import Notifier

_SECONDS = 20.0


class Smtp(Notifier):
    """One mailbox that sends."""

    writes_to = "email"
    manifest = Manifest(
        vendor="smtp",
        family="notifier",
        label_zh="邮件 (SMTP)",
        label_en="Mail (SMTP)",
        mark="邮",
        gateway="https://smtp.invalid",  # Mail goes to `server`, not to an address of the web.
        fields=(
            Field("server", "服务器", "Server", hint_zh="如 smtp.example.com:465", hint_en="e.g. smtp.example.com:465"),
            Field(
                "security", "加密", "Encryption", required=False, default="tls",
                hint_zh="tls、starttls 或 plain", hint_en="tls, starttls or plain",
            ),
            Field("user", "用户名", "User", required=False),
            Field("password", "密码", "Password", secret=True, required=False),
            Field("sender", "发件人", "Sender", hint_zh="如 店铺 <a@b.cn>", hint_en="e.g. Shop <a@b.com>"),
        ),
        calls_per_second=2.0,
    )  # fmt: skip

    def check(self) -> CheckReport:
        """Sign in and leave."""
        try:
            with self._server() as server:
                server.noop()
        except ConnectorError as error:
            return CheckReport(False, error.words)
        return CheckReport(True, "connected")

    def notify(self, to: str, template: str, values: Mapping[str, str], key: str, *, words: str = "") -> Receipt:
        """Send `words` with the template's text as the subject; places in it are filled in."""
        subject = template
        for name, value in values.items():
            subject = subject.replace("{" + name + "}", value)
        mail = self._mail(to, subject, words, key)
        with self._server() as server:
            try:
                server.send_message(mail)
            except smtplib.SMTPRecipientsRefused as error:
                raise _by_code(max((code for code, _ in error.recipients.values()), default=550)) from None
            except smtplib.SMTPResponseException as error:
                raise _by_code(error.smtp_code) from None
            except (smtplib.SMTPException, OSError) as error:
                raise OutcomeUnknown("no answer came back", code=type(error).__name__) from None
        return Receipt(str(mail["Message-ID"]))

    def find_message(self, to: str, key: str, sent_at: datetime) -> MessageFound | None:
        """Never anything: a mail server cannot be asked. Sent again a mail has the same Message-ID."""
        return None

    def _mail(self, to: str, subject: str, words: str, key: str) -> EmailMessage:
        mail = EmailMessage()
        sender = self.account.settings.get("sender", "")
        mail["From"], mail["To"] = _one_line(sender), _one_line(to)
        mail["Subject"] = _one_line(subject)[:200]
        mail["Date"] = format_datetime(self.clock())
        host = sender.rpartition("@")[2].strip(" >") or "localhost"
        mail["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"
        mail.set_content(words or subject)
        return mail

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        host, _, port = self.account.settings.get("server", "").strip().partition(":")
        try:
            server = _connect(self.account.settings.get("security") or "tls", host, int(port or 0))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Retryable("could not connect to the mail server", code=type(error).__name__) from None
        try:
            user = self.account.settings.get("user", "")
            if user:
                server.login(user, self.account.secrets.get("password", ""))
            yield server
        except smtplib.SMTPAuthenticationError:
            raise AuthFailed("the mail server refuses user or password", code="535") from None
        finally:
            server.close()


def _connect(security: str, host: str, port: int) -> smtplib.SMTP:
    """`tls` from the start, `starttls` turns to it, `plain` never does (a relay in the same house)."""
    if security == "tls":
        return smtplib.SMTP_SSL(host, port or 465, timeout=_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port or 25, timeout=_SECONDS)
    if security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server


def _by_code(code: int) -> ConnectorError:
    """4xx passes by itself, 5xx does not."""
    if code in (530, 534, 535, 538):
        return AuthFailed("the mail server refuses user or password", code=str(code))
    if 400 <= code < 500:
        return Retryable("the mail server cannot take it now", code=str(code))
    return Refused("the mail server refuses the message", code=str(code))


def _one_line(text: str) -> str:
    return " ".join(text.split())


CONNECTOR = Smtp
