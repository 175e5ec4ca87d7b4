/** The way to the identity provider, if this installation offers one. It stands first: most patients have a login there. */
import { useEffect, useState } from "preact/hooks";
import { errorsOf } from "../../format/refusals.ts";
import type { FieldError } from "../../components/error_summary.tsx";
import { useServices } from "../../services.ts";

/** What people call the provider; null when there is none, or nobody could be asked: the other ways are there all the same. */
export function useProviderName(): string | null {
  const { door } = useServices();
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    const gone = new AbortController();
    door
      .get("/v1/sessions/methods", {}, gone.signal)
      .then(({ items }) => setName(items.find(({ method }) => method === "identity_provider")?.name ?? null))
      .catch(() => undefined);
    return () => gone.abort();
  }, [door]);
  return name;
}

interface Props {
  name: string;
  /** The token of the letter's link, for who accepts an invitation by coming back. */
  invitation?: string;
  onRefused: (errors: readonly FieldError[]) => void;
}

export function ProviderButton({ name, invitation, onRefused }: Props) {
  const { door, provider, session } = useServices();
  const [busy, setBusy] = useState(false);
  const leave = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    onRefused([]);
    try {
      const body = { device: session.device, ...(invitation === undefined ? {} : { invitation }) };
      const { address, secret } = await door.post("/v1/sessions/identity-provider-options", { body });
      provider.leave(address, secret, name);
    } catch (error) {
      setBusy(false);
      onRefused(errorsOf(error));
    }
  };
  return (
    <button type="button" class="nhsuk-button" aria-disabled={busy} onClick={() => void leave()}>
      {busy ? `Opening ${name}…` : `Continue to ${name}`}
    </button>
  );
}
