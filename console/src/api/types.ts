/** The API's shapes by the names the console uses. Temporary: by hand from the contract, until openapi.yaml exists. */

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  request_id: string;
  errors?: { pointer: string; code: string; message: string }[];
}

export interface OrganisationRef {
  id: string;
  name: string;
  ods_code: string | null;
}

export interface Account {
  id: string;
  display_name: string;
  roles: { role: Role; organisation: OrganisationRef }[];
  patient_id: string | null;
}

export type Role = "clinician" | "care_home_staff" | "commissioner" | "administrator";

export interface SessionOut {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
  account: Account;
}

export interface Observation {
  id: string;
  patient_id: string;
  sign: string;
  value: number | null;
  systolic: number | null;
  diastolic: number | null;
  code: string | null;
  comparator: string | null;
  unit: string | null;
  original: { value: number; unit: string } | null;
  effective_at: string;
  received_at: string;
  recorded_by: string;
  recorded_as: string;
  source: string;
  client_id: string;
  reason: string | null;
  status: string;
  supersedes: string | null;
  superseded_by: string | null;
  confirmed: boolean;
}

export interface Latest {
  sign: string;
  observation: Observation;
  age_seconds: number;
  stale: boolean;
}

export interface BoardPatient {
  id: string;
  nhs_number: string | null;
  given_name: string;
  family_name: string;
  born_on: string;
  care_home: OrganisationRef | null;
  room: string | null;
}

export interface BoardRow {
  patient: BoardPatient;
  latest: Latest[];
}

export interface BoardPage {
  items: BoardRow[];
  next_cursor: string | null;
}

export interface SeriesPoint {
  at: string;
  n: number;
  min: number;
  max: number;
  mean: number;
}

export interface Series {
  sign: string;
  unit: string | null;
  from: string;
  until: string;
  bucket_seconds: number;
  points: SeriesPoint[] | null;
  parts: Record<string, SeriesPoint[]> | null;
}

export interface Patient {
  id: string;
  nhs_number: string | null;
  given_name: string;
  family_name: string;
  born_on: string;
  practice_id: string;
  care_home_id: string | null;
  room: string | null;
  bases: string[];
}

export interface ObservationPage {
  items: Observation[];
  next_cursor: string | null;
}

export interface Target {
  sign: string;
  part: "systolic" | "diastolic" | null;
  comparator: string;
  value: number;
  unit: string;
  due_on: string;
}

export interface Average {
  value: number;
  count: number;
  from_at: string;
  until_at: string;
}

export interface Progress {
  as_of: string;
  data: "none" | "not_enough" | "stale" | "enough";
  count: number;
  complete: boolean;
  latest: { observation_id: string; effective_at: string; value: number; bound: string | null; age_seconds: number; stale: boolean } | null;
  baseline: Average | null;
  recent: Average | null;
  judged: number;
  within: number;
  share_within: number | null;
  percent: number | null;
  suggestion: string | null;
}

export interface Goal {
  id: string;
  description: string;
  why: string | null;
  target: Target | null;
  start_on: string;
  proposed_as: string;
  lifecycle_status: string;
  achievement_status: string | null;
  status_at: string;
  progress: Progress | null;
}

export interface GoalPage {
  items: Goal[];
  next_cursor: string | null;
}

export interface Schedule {
  rrule: string;
  starts_on: string;
  times: string[];
}

export interface Action {
  id: string;
  title: string;
  instructions: string | null;
  schedule: Schedule;
}

export interface Adherence {
  from_on: string;
  until_at: string;
  due: number;
  done: number;
  skipped: number;
  missed: number;
}

export interface Completion {
  id: string;
  action_id: string;
  done_at: string;
  note: string | null;
  skipped: string | null;
  recorded_as: string;
}

export interface ActionPlan {
  id: string;
  title: string;
  agreed_on: string;
  review_on: string;
  review_overdue: boolean;
  status: "active" | "ended";
  version: number;
  actions: Action[];
}

export interface ActionPlanPage {
  items: ActionPlan[];
  next_cursor: string | null;
}

export interface ActionPlanDetail extends Omit<ActionPlan, "actions"> {
  actions: (Action & { adherence: Adherence })[];
  recent_completions: Completion[];
}

export interface Limits {
  low: number;
  high: number;
}

export interface VitalSign {
  key: string;
  display: string;
  shape: "quantity" | "pair" | "coded";
  units: { ucum: string; display: string; kept_as: string }[];
  canonical_unit: string | null;
  decimals: number | null;
  parts: { key: string; hard: Limits; confirm: Limits }[];
  answers: { code: string; snomed: { code: string; display: string } }[];
  derived: boolean;
  stale_after_seconds: number;
}

export interface Verdict {
  index: number;
  client_id: string | null;
  verdict: "stored" | "duplicate" | "refused";
  observation_id: string | null;
  code: string | null;
  field: string | null;
  detail: string | null;
  can_retry: boolean | null;
  hint: string | null;
}

export interface Verdicts {
  verdicts: Verdict[];
  stored: number;
  duplicate: number;
  refused: number;
  received_at: string;
}
