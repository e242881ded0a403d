"""Dovecot, the IMAP server, run from a folder of its own."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest

from tests.connectors.peers import absent, free_port

BINARY = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
CONFIGURATION = """
base_dir = {home}/run
log_path = {home}/log
protocols = imap
{tls}
{more}
disable_plaintext_auth = no
listen = 127.0.0.1
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {group}
first_valid_uid = 0
mail_location = maildir:{home}/mail
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@contextmanager
def dovecot(home, certificate=None, more=""):
    """The port of a server with one mailbox, whose password is `secret`; it ends with the block.

    `certificate`: a file with it and its key, for TLS by STARTTLS; `more`: lines of its configuration.
    """
    if BINARY is None:
        absent("dovecot", "Dovecot is not there: apt-get install dovecot-imapd")
    root = os.getuid() == 0
    if root and "dovenull" not in {each.pw_name for each in pwd.getpwall()}:
        absent("dovecot", "the user dovenull is not there: apt-get install dovecot-imapd")
    me = pwd.getpwuid(os.getuid())
    owner = pwd.getpwnam("nobody") if root else me
    (home / "mail").mkdir(mode=0o777)
    shutil.chown(home / "mail", owner.pw_uid, owner.pw_gid)
    port, secure = free_port(), free_port() if certificate else 0
    file = home / "dovecot.conf"
    file.write_text(
        CONFIGURATION.format(
            home=home,
            port=port,
            secure=secure,
            more=more,
            tls=f"ssl = yes\nssl_cert = <{certificate}\nssl_key = <{certificate}" if certificate else "ssl = no",
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            login="dovenull" if root else me.pw_name,
            internal="dovecot" if root else me.pw_name,
            group="dovecot" if root else os.getgid(),
        )
    )
    with (home / "output").open("wb") as output:
        running = subprocess.Popen([BINARY, "-F", "-c", str(file)], stdout=output, stderr=output)
        try:
            _wait(port, running, home / "log")
            yield (port, secure) if certificate else port
        finally:
            running.terminate()
            running.wait(10)


def _wait(port, running, log, seconds=30):
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if running.poll() is not None or time.monotonic() > until:
                pytest.fail(f"Dovecot did not start: {log.read_text()[-2000:] if log.exists() else 'it told nothing'}")
            time.sleep(0.1)
        else:
            return
