"""A mail in miniature that breaks no rule, for tests to spoil."""

import quopri
from collections.abc import Callable

import pytest

from publisher.newsletter.slots import UNSUBSCRIBE

HTML = f"""<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>Field Notes #4: Owls</title>
<style>
@media (prefers-color-scheme: dark) {{
  .page, .cell {{ background-color: #121417 !important; color: #e3e2de !important; }}
  .link {{ color: #8cc4ee !important; }}
}}
</style>
</head>
<body class="page" style="background-color: #f1f0ec; color: #22262b">
<div style="display: none; max-height: 0; overflow: hidden; mso-hide: all">Two owls were seen at the lake this week</div>
<table role="presentation" width="100%"><tr><td class="cell" style="background-color: #ffffff; color: #22262b">
<h1>Field Notes</h1>
</td></tr><tr><td class="cell" style="background-color: #ffffff; color: #22262b">
<a name="article-1"></a>
<h2><a class="link" style="color: #1a5276" href="https://notes.example/owls/">Owls at the lake</a></h2>
<p>Two owls were seen at the lake on Tuesday, and again on Friday, by three people who know what they are talking
about and who had brought a camera with them. Nobody had seen one there before.</p>
<!-- here -->
<!-- end of article 1 -->
</td></tr><tr><td class="cell" style="background-color: #ffffff; color: #22262b">
<p>You get this mail because you subscribed.
<a class="link" style="color: #1a5276" href="{UNSUBSCRIBE}">Unsubscribe</a><br>
Field Notes, 1 Sample Street, Exampleton</p>
</td></tr></table>
</body>
</html>
"""

TEXT = f"""Field Notes

Owls at the lake
https://notes.example/owls/

Two owls were seen at the lake on Tuesday, and again on Friday, by three
people who know what they are talking about and who had brought a camera
with them. Nobody had seen one there before.

You get this mail because you subscribed.
Unsubscribe:
{UNSUBSCRIBE}

Field Notes, 1 Sample Street, Exampleton
"""

HEADER = f"""From: Field Notes <letters@notes.example>
To: undisclosed-recipients:;
Subject: Field Notes #4: Owls
Date: Mon, 23 Nov 2026 08:00:00 +0100
Message-ID: <4f.issue@notes.example>
List-Id: Field Notes <weekly.notes.example>
List-Unsubscribe: <{UNSUBSCRIBE}>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_b"
"""


def write_mail(html: str = HTML, text: str = TEXT, header: str = HEADER) -> bytes:
    """Write a mail as bytes with CRLF line ends."""
    parts = (
        f"--=_b\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        + quopri.encodestring(content.encode()).decode()
        for kind, content in (("plain", text), ("html", html))
    )
    return f"{header}\n{''.join(parts)}--=_b--\n".replace("\n", "\r\n").encode()


@pytest.fixture(scope="session")
def html() -> str:
    return HTML


@pytest.fixture(scope="session")
def text() -> str:
    return TEXT


@pytest.fixture(scope="session")
def header() -> str:
    return HEADER


@pytest.fixture(scope="session")
def mail() -> Callable[..., bytes]:
    """Give what writes a mail of `html`, `text` and `header`, or of others."""
    return write_mail


@pytest.fixture(scope="session")
def spoiled() -> Callable[[str], str]:
    """Give what writes the HTML with something more in its first article."""
    return lambda more: HTML.replace("<!-- here -->", more)
