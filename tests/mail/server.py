"""A mail server on loopback that fails as a test says, and a reader of what arrived.

serve DIR MODE [CERT KEY]   MODE: starttls, tls (both ask for a password), open (starttls, no password), plain; prints its port; switches in DIR/switches.json, read for each command
read DIR                    what arrived, parsed by Python's own email package, as JSON
"""

import asyncio
import email
import email.policy
import hashlib
import json
import pathlib
import ssl
import sys


def serve(folder, mode, certificate=None, key=None):
    from aiosmtpd.smtp import AuthResult, SMTP

    seen = set()
    asked = open(folder / "asked.txt", "a", buffering=1)

    def switches():
        return json.loads((folder / "switches.json").read_text())

    def first_time(what, about):
        is_new = (what, about) not in seen
        seen.add((what, about))
        return is_new

    class Handler:
        count = 0

        async def handle_RCPT(self, server, session, envelope, address, options):
            told = switches()
            if told.get("greylist") and first_time("greylist", address):
                return "451 4.7.1 Greylisted, try again later"
            if address in told.get("rcpt", {}):
                return told["rcpt"][address]
            await asyncio.sleep(told.get("slow_rcpt", 0))
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):
            told = switches()
            to = envelope.rcpt_tos[0]
            if to in told.get("data", {}):
                return told["data"][to]
            Handler.count += 1
            name = f"{Handler.count:04}"
            about = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
                     "user": session.authenticated, "options": envelope.mail_options}
            (folder / f"{name}.json").write_text(json.dumps(about))
            (folder / f"{name}.part").write_bytes(envelope.content)
            (folder / f"{name}.part").rename(folder / f"{name}.eml")
            if told.get("drop") == "after" and first_time("after", to):
                server.transport.abort()
                await asyncio.sleep(3600)
            await asyncio.sleep(told.get("slow_data", 0))
            return "250 2.0.0 Queued as 4711"

    class Server(SMTP):
        async def smtp_EHLO(self, hostname):
            asked.write("EHLO\n")
            await super().smtp_EHLO(hostname)

        async def smtp_MAIL(self, arg):
            asked.write("MAIL\n")
            if switches().get("mail"):
                await self.push(switches()["mail"])
                return
            await super().smtp_MAIL(arg)

        async def smtp_DATA(self, arg):
            to = self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else None
            if switches().get("drop") == "before" and first_time("before", to):
                await self.push("354 Go on")
                await self._reader.readline()
                self.transport.abort()
                await asyncio.sleep(3600)
            await super().smtp_DATA(arg)

    def login(server, session, envelope, mechanism, data):
        told = switches()
        right = data.login == b"arvode" and data.password.decode() == told.get("password", "hemligt")
        asked.write("AUTH\n")
        return AuthResult(success=right, handled=False)

    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
    options = {"hostname": "post.example", "enable_SMTPUTF8": False, "timeout": 3600}
    if mode == "starttls":
        options |= {"tls_context": tls, "require_starttls": True, "authenticator": login, "auth_required": True}
    elif mode == "open":
        options |= {"tls_context": tls, "require_starttls": True}
    elif mode == "tls":
        options |= {"authenticator": login, "auth_require_tls": False}

    async def go():
        loop = asyncio.get_running_loop()
        make = lambda: Server(Handler(), loop=loop, **options)
        server = await loop.create_server(make, "127.0.0.1", 0, ssl=tls if mode == "tls" else None)
        print(server.sockets[0].getsockname()[1], flush=True)
        # Ends with the test that started it.
        await loop.run_in_executor(None, sys.stdin.read)
        sys.stdout.flush()
        import os
        os._exit(0)

    asyncio.run(go())


def part(one):
    content = one.get_content()
    data = content.encode() if isinstance(content, str) else content
    return {
        "type": one.get_content_type(),
        "charset": one.get_content_charset(),
        "language": one["Content-Language"],
        "encoding": one["Content-Transfer-Encoding"],
        "name": one.get_filename(),
        "text": content if isinstance(content, str) else None,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def read(folder):
    arrived = []
    for path in sorted(folder.glob("*.eml")):
        raw = path.read_bytes()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        walked = list(message.walk())
        arrived.append(
            {
                "envelope": json.loads(path.with_suffix(".json").read_text()),
                "headers": [[name, str(value)] for name, value in message.items()],
                "shape": [one.get_content_type() for one in walked],
                "parts": [part(one) for one in walked if not one.is_multipart()],
                "defects": [str(defect) for one in walked for defect in one.defects],
                "longest_line": max(len(line) for line in raw.split(b"\r\n")),
                "is_ascii": raw.isascii(),
                "sha256": hashlib.sha256(raw).hexdigest(),
            }
        )
    print(json.dumps(arrived))


if __name__ == "__main__":
    command, folder, *rest = sys.argv[1:]
    (serve if command == "serve" else read)(pathlib.Path(folder), *rest)
