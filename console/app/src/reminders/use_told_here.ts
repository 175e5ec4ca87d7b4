/** By which address an account is told something on this phone; null: it is not. */
import { useEffect, useState } from "preact/hooks";
import { useAppServices } from "../services.ts";

export function useToldHere(account: string): string | null {
  const { thisPhone } = useAppServices();
  const [address, setAddress] = useState(thisPhone.addressOf(account));
  useEffect(() => {
    const look = (): void => setAddress(thisPhone.addressOf(account));
    look();
    return thisPhone.subscribe(look);
  }, [thisPhone, account]);
  return address;
}
