/** What a browser can do about pushes: ask its owner, subscribe, end it. */

export interface Subscribed {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface PushBrowser {
  /** Whether it can be told anything at all. Apple's phones can once the app is on the home screen. */
  readonly isAble: boolean;
  permission(): NotificationPermission;
  /** The browser asks its owner: only ever on the owner's own press. */
  ask(): Promise<NotificationPermission>;
  current(): Promise<Subscribed | null>;
  /** Subscribe under an installation's public key, in place of whatever there was. */
  subscribe(key: string): Promise<Subscribed>;
  /** End the subscription, network or not, and take away what is still shown. */
  end(): Promise<void>;
}

/** The browser of this page. */
export function pushBrowserOf(page: Window & typeof globalThis): PushBrowser {
  const isAble = "serviceWorker" in page.navigator && "PushManager" in page && "Notification" in page;
  const registration = () => page.navigator.serviceWorker.getRegistration("/app/");
  const held = async () => (isAble ? ((await (await registration())?.pushManager.getSubscription()) ?? null) : null);
  return {
    isAble,
    permission: () => (isAble ? page.Notification.permission : "denied"),
    ask: () => page.Notification.requestPermission(),
    current: async () => {
      const found = await held();
      return found === null ? null : subscribedOf(found);
    },
    subscribe: async (key) => {
      await (await held())?.unsubscribe();
      const { pushManager } = await page.navigator.serviceWorker.ready;
      return subscribedOf(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
    },
    end: async () => {
      if (!isAble) return;
      await (await held())?.unsubscribe();
      for (const shown of (await (await registration())?.getNotifications()) ?? []) shown.close();
    },
  };
}

function subscribedOf(subscription: PushSubscription): Subscribed {
  const { keys = {} } = subscription.toJSON();
  return { endpoint: subscription.endpoint, keys: { p256dh: keys["p256dh"] ?? "", auth: keys["auth"] ?? "" } };
}
