"""Which browser or app a session belongs to, in words its owner recognises: 'Firefox on Windows'. Pure.

Keeps a family and a system and nothing else: a whole User-Agent would tell a device from a thousand others, and whoever
sends it may write anything into it.
"""

from __future__ import annotations

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
    ("okhttp", "An app"),
    ("dalvik", "An app"),
    ("cfnetwork", "An app"),
    ("dart", "An app"),
)
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
_UNKNOWN = "Another program"


def device_label(user_agent: str) -> str:
    """Return what kind of browser or app sent this User-Agent header, '' included."""
    said = user_agent[:512].lower()
    family = next((name for mark, name in _FAMILIES if mark in said), _UNKNOWN)
    system = next((name for mark, name in _SYSTEMS if mark in said), None)
    return family if system is None else f"{family} on {system}"
