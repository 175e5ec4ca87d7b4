/** Another name for a thing, under what was read: when somebody was quicker, it shows theirs and asks again. */
import type { TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDeed } from "../api/deeds.ts";
import { isChangedMeanwhile } from "../format/refusals.ts";
import { DeedProblem } from "./asking_first.tsx";
import { TextField } from "./fields.tsx";

interface Named {
  readonly name: string;
  readonly tag: string;
}

/** As it was read: the thing that bears the name, and its tag. */
interface Read {
  readonly value: { readonly name: string };
  readonly tag: string;
}

interface Props {
  /** What it is called now. */
  about: string;
  read: () => Promise<Read>;
  rename: (name: string, tag: string) => Promise<unknown>;
  onRenamed: (name: string) => void;
}

export function Renaming({ about, read, rename, onRenamed }: Props) {
  const opening = useDeed();
  const [named, setNamed] = useState<Named | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (named === null && wasOpen.current) opener.current?.focus();
    wasOpen.current = named !== null;
  }, [named]);
  const open = async (): Promise<void> => {
    const found = await opening.run(null, read);
    if (found !== undefined) setNamed(namedIn(found.value));
  };
  if (named === null) {
    return (
      <>
        <button type="button" class="tw-link-button" aria-disabled={opening.busy} ref={opener} onClick={() => void open()}>
          Rename<span class="nhsuk-u-visually-hidden"> {about}</span>
        </button>
        <DeedProblem deed={opening} />
      </>
    );
  }
  const close = (): void => setNamed(null);
  const renamed = (name: string): void => {
    close();
    onRenamed(name);
  };
  return <RenameForm key={named.tag} named={named} read={read} rename={rename} onRead={setNamed} onRenamed={renamed} onCancel={close} />;
}

function namedIn({ value, tag }: Read): Named {
  return { name: value.name, tag };
}

interface FormProps {
  named: Named;
  read: Props["read"];
  rename: Props["rename"];
  onRead: (named: Named) => void;
  onRenamed: (name: string) => void;
  onCancel: () => void;
}

function RenameForm({ named, read, rename, onRead, onRenamed, onCancel }: FormProps) {
  const deed = useDeed();
  const [name, setName] = useState(named.name);
  const [missing, setMissing] = useState(false);
  const id = useRef(`name-${Math.random().toString(36).slice(2)}`).current;
  useEffect(() => document.getElementById(id)?.focus(), [id]);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const wanted = name.trim();
    setMissing(wanted === "");
    if (wanted === "") return;
    if ((await deed.run(wanted, () => rename(wanted, named.tag))) !== undefined) onRenamed(wanted);
  };
  const again = async (): Promise<void> => {
    const found = await deed.run(null, read);
    if (found !== undefined) onRead(namedIn(found.value));
  };
  return (
    <form class="tw-rename" onSubmit={(event) => void submit(event)} noValidate>
      <TextField id={id} label="New name" width="20" autocomplete="off" value={name} onValue={setName} error={missing ? "Enter a name" : null} />
      <DeedProblem deed={deed} />
      {isChangedMeanwhile(deed.error) ? (
        <button type="button" class="nhsuk-button nhsuk-button--small" onClick={() => void again()}>
          Load what it says now
        </button>
      ) : (
        <button type="submit" class="nhsuk-button nhsuk-button--small" aria-disabled={deed.busy}>
          {deed.busy ? "Saving…" : "Save"}
        </button>
      )}{" "}
      <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}
