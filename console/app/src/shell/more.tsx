/** The pages that have no tab of their own. */
import { PageHeading } from "#console/components/heading.tsx";
import type { PageName } from "../router/addresses.ts";
import { To } from "../router/to.tsx";
import { SignOut } from "./signing_out.tsx";
import { useWords } from "./words.ts";

export function MorePage() {
  const words = useWords();
  const pages: readonly (readonly [PageName, string])[] = [
    ["care_plan", words.carePlan],
    ["goals", words.goals],
    ["check_ins", words.checkIns],
    ["looked", words.looked],
    ["delegates", words.people],
    ["feedback", words.feedback],
    ["settings", words.settings],
  ];
  return (
    <>
      <PageHeading title={words.more} />
      <ul class="ta-list">
        {pages.map(([page, name]) => (
          <li key={page}>
            <To page={page} class="ta-list__link">
              {name}
            </To>
          </li>
        ))}
      </ul>
      <SignOut name={words.signOut} />
    </>
  );
}
