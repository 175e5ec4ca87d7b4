/** What stands in the place of a record from the moment in which the reader may no longer see it. */
import { PageHeading } from "./heading.tsx";
import { Link } from "./link.tsx";

/** Access ended while the page was open: nothing of the record stays on the screen, the name included. */
export function NoLongerSeen() {
  return (
    <>
      <PageHeading title="No longer yours to see" />
      <p>Your access to this record has ended, so it was taken off the screen.</p>
      <p>
        <Link to={{ page: "board" }}>Go to your patients</Link>
      </p>
    </>
  );
}
