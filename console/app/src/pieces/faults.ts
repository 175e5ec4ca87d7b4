/** What is wrong with a form, field by field. */

export interface FieldFault {
  /** The id of the field; null when it is about the whole form. */
  readonly field: string | null;
  readonly message: string;
}

/** The message of one field, if it has one. */
export function faultOf(faults: readonly FieldFault[], field: string): string | null {
  return faults.find((fault) => fault.field === field)?.message ?? null;
}
