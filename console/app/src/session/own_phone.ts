/** What whoever signs in says of the phone: their own, to keep their record on, or not. Said before signing in, since by it the session is made. */

export interface OwnPhone {
  get(): boolean;
  set(isOwn: boolean): void;
}

const KEY = "tendwell.app.own_phone";

/** Over the way to an identity provider and back it stands in sessionStorage; nothing stands there unless it was said. */
export function ownPhoneIn(storage: Storage): OwnPhone {
  return {
    get: () => storage.getItem(KEY) !== null,
    set: (isOwn) => (isOwn ? storage.setItem(KEY, "yes") : storage.removeItem(KEY)),
  };
}
