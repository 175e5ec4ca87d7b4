/** The way to the next page of a list: stays where it is while the page is fetched, so that a keyboard user keeps their place. */
import { useEffect, useRef } from "preact/hooks";
import type { Pages } from "../api/loading.ts";

interface Props {
  pages: Pages<unknown>;
  /** What the list holds: "readings". */
  what: string;
}

export function ShowMore({ pages, what }: Props) {
  const end = useRef<HTMLParagraphElement>(null);
  const pressed = useRef(false);
  const { more, status, items } = pages;
  useEffect(() => {
    // The button is gone with the last page: whoever pressed it is told so, and goes on from here.
    if (!more && pressed.current) end.current?.focus();
  }, [more]);
  if (items.length === 0 || status === "failed") return null;
  const press = (): void => {
    if (status === "loading") return;
    pressed.current = true;
    pages.loadMore();
  };
  return (
    <>
      {more && (
        <button type="button" class="nhsuk-button nhsuk-button--secondary" aria-disabled={status === "loading"} onClick={press}>
          {status === "loading" && pressed.current ? "Loading…" : "Show more"}
          <span class="nhsuk-u-visually-hidden"> {what}</span>
        </button>
      )}
      <p class={more ? "nhsuk-u-visually-hidden" : "tw-muted tw-end"} role="status" tabIndex={-1} ref={end}>
        {pressed.current && (more ? `${items.length} ${what} are shown.` : `All ${items.length} ${what} are shown.`)}
      </p>
    </>
  );
}
