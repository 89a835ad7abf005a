"""Tells a URL or people what happened: the callbacks that need no code of the author."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.request
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from dagmesh.context import TaskContext
from dagmesh.running.settings import Connection
from dagmesh.running.template import render

TIMEOUT_S = 30.0
SMTP_CONN_ID = 'smtp_default'
SMTP_PORT, SMTPS_PORT = 25, 465
LOCAL = ('localhost', '127.0.0.1', '::1')
_SENDER = 'dagmesh@localhost'


def act(action: Mapping[str, Any], context: TaskContext) -> None:
    """Does what a BuiltInAction says; raises when the other side does not take it."""
    if 'webhook' in action:
        _call_webhook(action['webhook'], context)
    else:
        _send_mail(action['email'], context)


def _call_webhook(webhook: Mapping[str, Any], context: TaskContext) -> None:
    told = dict(context.inputs)
    template = webhook.get('body', '')
    body = render(template, told, context) if template else json.dumps(told, ensure_ascii=False)
    headers = {'Content-Type': 'application/json', **webhook.get('headers', {})}
    url = webhook['url']
    if not url.startswith(('http://', 'https://')):
        raise ValueError(f'{url!r} is no address of the web')
    request = urllib.request.Request(url, body.encode(), headers, method='POST')
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        print(f'{url} answered {answer.status}')


def _send_mail(email: Mapping[str, Any], context: TaskContext) -> None:
    connection = context.conn(email.get('conn_id') or SMTP_CONN_ID)
    message = mail_of(email, context, sender_of(connection))
    with _mail_server(connection) as server:
        server.send_message(message)
    print(f'sent a mail to {message["To"]}')


def _mail_server(connection: Connection) -> smtplib.SMTP:
    """The server, encrypted if it can be, and signed in to; no password goes out in the clear."""
    extra, host = connection.extra_dejson, connection.host
    tls = ssl.create_default_context()
    if extra.get('ssl', connection.port == SMTPS_PORT):
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, connection.port or SMTPS_PORT, timeout=TIMEOUT_S, context=tls
        )
        is_encrypted = True
    else:
        server = smtplib.SMTP(host, connection.port or SMTP_PORT, timeout=TIMEOUT_S)
        server.ehlo()
        is_encrypted = server.has_extn('starttls') and not extra.get('disable_tls')
        if is_encrypted:
            server.starttls(context=tls)
    if connection.password:
        if not is_encrypted and host not in LOCAL:
            server.close()
            raise ValueError(
                f'the mail server {host} does not encrypt, so it gets no password; '
                'use port 465, or set "ssl": true in the extra of the connection'
            )
        server.login(connection.login, connection.password)
    return server


def mail_of(email: Mapping[str, Any], context: TaskContext, sender: str) -> EmailMessage:
    """The mail; without a subject or body, they say what the context says."""
    told = dict(context.inputs)
    message = EmailMessage()
    message['From'] = sender
    message['To'] = ', '.join(email['to'])
    subject = render(email.get('subject', ''), told, context) or _headline_of(told, context)
    message['Subject'] = ' '.join(subject.split())
    body = render(email.get('body', ''), told, context)
    message.set_content(body or '\n'.join(f'{name}: {value}' for name, value in told.items()))
    return message


def sender_of(connection: Connection) -> str:
    """Who a mail is from: what the connection says, or else who signs in."""
    sender: str = connection.extra_dejson.get('from_email') or connection.login
    return sender if '@' in sender else _SENDER


def _headline_of(told: Mapping[str, Any], context: TaskContext) -> str:
    names = [str(told[name]) for name in ('dag_id', 'task_id') if told.get(name)]
    what = told.get('event') or told.get('state') or 'callback'
    return f'[DagMesh] {".".join(names) or context.dag_id}: {what} in {told.get("run_id", "")}'
