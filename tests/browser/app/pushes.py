"""A browser's pushes in a test. What arrives at the service worker is handed over by the browser itself.

Stand-ins are what needs the browser's maker or a screen: subscribing, its owner's permission, and showing, which a
browser without a screen refuses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from playwright.sync_api import Page, Worker

from tests.browser.app.phone import Phone

Shown = list[Mapping[str, str]]

# Each subscription is another; all of it stays over a reload, as the browser's own would.
_STAND_IN = """(() => {
  const KEY = "stand-in.push";
  const keys = {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  };
  const of = (endpoint) => endpoint && {
    endpoint,
    toJSON: () => ({ endpoint, expirationTime: null, keys }),
    unsubscribe: async () => { localStorage.removeItem(KEY); return true; },
  };
  PushManager.prototype.getSubscription = async () => of(localStorage.getItem(KEY));
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || !/^[\\w-]{87}$/.test(applicationServerKey)) throw new TypeError("no key");
    localStorage.setItem(KEY, `https://push.example/${crypto.randomUUID()}`);
    return of(localStorage.getItem(KEY));
  };
  const permission = () => localStorage.getItem("stand-in.permission") ?? "default";
  Object.defineProperty(Notification, "permission", { get: permission });
  Notification.requestPermission = async () => {
    localStorage.setItem("stand-in.permission", "granted");
    return permission();
  };
  const close = () => localStorage.setItem("stand-in.closed", "yes");
  ServiceWorkerRegistration.prototype.getNotifications = async () => [{ close }];
})()"""
_NOTED = """() => {
  self.shown = [];
  ServiceWorkerRegistration.prototype.showNotification = async (title, { body, tag, lang }) => {
    self.shown.push({ title, body, tag, lang });
  };
}"""


def may_be_told(phone: Phone) -> None:
    """Have a phone whose browser can be subscribed, and whose owner says yes when they are asked."""
    phone.page.add_init_script(_STAND_IN)


def was_asked(page: Page) -> bool:
    """Return whether the browser has asked its owner for permission."""
    found: bool = page.evaluate("Notification.permission !== 'default'")
    return found


def is_subscribed(page: Page) -> bool:
    """Return whether the browser is subscribed."""
    found: bool = page.evaluate("localStorage.getItem('stand-in.push') !== null")
    return found


def push(phone: Phone, *told: str | Mapping[str, str]) -> Worker:
    """Return the app's service worker, to which pushes were handed over by the browser, one after the other."""
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    [worker] = phone.page.context.service_workers
    worker.evaluate(_NOTED)
    session = phone.page.context.new_cdp_session(phone.page)
    heard: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: heard.extend(each["registrationId"] for each in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    while not heard:
        phone.page.wait_for_timeout(50)
    for each in told:
        data = each if isinstance(each, str) else json.dumps(each)
        where = {"origin": phone.tab.url, "registrationId": heard[0]}
        session.send("ServiceWorker.deliverPushMessage", where | {"data": data})
    session.detach()
    return worker


def shown(worker: Worker) -> Shown:
    """Return what the worker has had shown, in order: of several under one tag a screen has the last."""
    found: Shown = worker.evaluate("self.shown")
    return found
