/** How one is told that something is due or new: by which ways, where, of what and when not, and what was sent. Asked for each time. */
import { useCallback, useState } from "preact/hooks";
import { useLoaded } from "#console/api/loading.ts";
import type { NoticeAddress, NoticeChannels } from "#console/api/types.ts";
import { PageHeading } from "#console/components/heading.tsx";
import { useApi } from "#console/services.ts";
import { DonePanel, OnlineOnly, Part } from "../pieces/panels.tsx";
import { To } from "../router/to.tsx";
import { usePerson } from "../services.ts";
import { useWords } from "../words/use_words.ts";
import { AddAddress } from "./add_address.tsx";
import { Addresses } from "./addresses.tsx";
import { ChooseForm } from "./choose_form.tsx";
import { PhonePart } from "./phone_part.tsx";
import { SentLately } from "./sent_lately.tsx";

export function RemindersPage() {
  const { say } = useWords();
  return (
    <>
      <To page="settings" class="nhsuk-back-link">
        {say("common.back")}
      </To>
      <PageHeading title={say("reminders.title")} />
      <OnlineOnly>
        <Loaded />
      </OnlineOnly>
    </>
  );
}

function Loaded() {
  const { say } = useWords();
  const api = useApi();
  const loaded = useLoaded("reminders", async (signal) => {
    const [channels, { items }] = await Promise.all([
      api.get("/v1/me/notifications/channels", {}, signal),
      api.get("/v1/me/notifications/addresses", {}, signal),
    ]);
    return { channels, addresses: items };
  });
  if (loaded.status === "loading") return <p role="status">{say("common.loading")}</p>;
  if (loaded.status === "failed") {
    return (
      <p role="alert">
        {say("common.failed")}{" "}
        <button type="button" class="tw-as-link" onClick={loaded.retry}>
          {say("common.again")}
        </button>
      </p>
    );
  }
  return <Reminders {...loaded.value} reload={loaded.reload} />;
}

interface Props {
  channels: NoticeChannels;
  addresses: readonly NoticeAddress[];
  reload: () => void;
}

function Reminders({ channels: { offered, web_push_public_key: key }, addresses, reload }: Props) {
  const words = useWords();
  const { say } = words;
  const person = usePerson();
  const [done, setDone] = useState<{ words: string; turn: number } | null>(null);
  const tell = useCallback(
    (what: string): void => {
      setDone((before) => ({ words: what, turn: (before?.turn ?? 0) + 1 }));
      reload();
    },
    [reload],
  );
  const ways = words.list(offered.map((way) => say(`reminders.way.${way}`)));
  if (person === null) return null;
  return (
    <>
      {done !== null && (
        <DonePanel key={done.turn} title={say("reminders.title")}>
          <p>{done.words}</p>
        </DonePanel>
      )}
      <p>{offered.length === 0 ? say("reminders.none_offered") : `${say("reminders.intro")} ${say("reminders.offered", { ways })}`}</p>
      <p class="ta-told">{say("reminders.not_safe")}</p>
      {key !== null && <PhonePart account={person.id} publicKey={key} onChanged={reload} />}
      {(offered.length > 0 || addresses.length > 0) && (
        <Part title={say("reminders.where")}>
          <Addresses account={person.id} addresses={addresses} onDone={tell} reload={reload} />
          <AddAddress offered={offered} addresses={addresses} onDone={tell} />
        </Part>
      )}
      {offered.length > 0 && <ChooseForm addresses={addresses} onDone={tell} />}
      <SentLately turn={done?.turn ?? 0} />
    </>
  );
}
