/** The order of the board: by care home, room and family name, so that a round can be walked by it. No reading has a say in it. */
import type { BoardPatient } from "../api/types.ts";

export interface Place<Row> {
  readonly key: string;
  readonly name: string;
  readonly rows: readonly Row[];
}

/** Room 9 before room 10, "Óscar" beside "Oscar". */
const order = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });

const AT_HOME = { key: "at-home", name: "At home" };

/** The rows by place: care homes by name, those who live at home last. */
export function byPlace<Row extends { patient: BoardPatient }>(rows: readonly Row[]): Place<Row>[] {
  const places = new Map<string, { name: string; rows: Row[] }>();
  for (const row of rows) {
    const home = row.patient.care_home;
    const { key, name } = home === null ? AT_HOME : { key: home.id, name: home.name };
    const place = places.get(key) ?? { name, rows: [] };
    place.rows.push(row);
    places.set(key, place);
  }
  return [...places]
    .map(([key, place]) => ({ key, name: place.name, rows: place.rows.sort((a, b) => compared(a.patient, b.patient)) }))
    .sort((a, b) => last(a.key) - last(b.key) || order.compare(a.name, b.name) || order.compare(a.key, b.key));
}

function last(key: string): number {
  return key === AT_HOME.key ? 1 : 0;
}

/** Someone whose room is not known stands after those whose is; the id settles what names do not, so that no one changes places. */
function compared(a: BoardPatient, b: BoardPatient): number {
  return (
    Number(a.room === null) - Number(b.room === null) ||
    order.compare(a.room ?? "", b.room ?? "") ||
    order.compare(a.family_name, b.family_name) ||
    order.compare(a.given_name, b.given_name) ||
    order.compare(a.id, b.id)
  );
}
