/** What every page is given. */
export interface PageProps {
  /** What follows the page's word in the address. */
  readonly rest: readonly string[];
}
