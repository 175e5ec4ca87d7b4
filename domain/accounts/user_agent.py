"""Which browser or app a session belongs to, in words its owner recognises: 'Firefox on Windows'. Pure.

Keeps a family and a system and nothing else: a whole User-Agent would tell a device from a thousand others, and whoever
sends it may write anything into it.
"""

from __future__ import annotations

from enum import StrEnum


class Program(StrEnum):
    """What a session's client said it is. Any program may say what it likes: nobody has checked."""

    browser = "browser"
    app = "app"
    neither = "neither"


_APP, _UNKNOWN = "An app", "Another program"
# The first that is found names it: Edge and Opera also say Chrome, and Chrome also says Safari.
_FAMILIES = (
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Samsung Internet"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("crios", "Chrome"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
    ("okhttp", _APP),
    ("dalvik", _APP),
    ("cfnetwork", _APP),
    ("dart", _APP),
)
_BROWSERS = tuple({name for _, name in _FAMILIES if name != _APP})
_SYSTEMS = (
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("okhttp", "Android"),
    ("dalvik", "Android"),
    ("cfnetwork", "an Apple device"),
    ("windows", "Windows"),
    ("cros", "ChromeOS"),
    ("macintosh", "Mac"),
    ("linux", "Linux"),
)


def device_label(user_agent: str) -> str:
    """Return what kind of browser or app sent this User-Agent header, '' included."""
    said = user_agent[:512].lower()
    family = next((name for mark, name in _FAMILIES if mark in said), _UNKNOWN)
    system = next((name for mark, name in _SYSTEMS if mark in said), None)
    return family if system is None else f"{family} on {system}"


def said_to_be(label: str) -> Program:
    """Return what a label's client said it is; `neither` of a session that was opened without any header too."""
    if label.startswith(_APP):
        return Program.app
    return Program.browser if label.startswith(_BROWSERS) else Program.neither
