/** The API's shapes by the names the console uses. Generated from openapi.yaml (`npm run types`); nothing is written by hand. */
import type { components } from "./schema.gen.ts";

type Schemas = components["schemas"];

export type Problem = Schemas["Problem"];
export type Account = Schemas["MeOut"];
export type Role = Schemas["RoleOut"]["role"];
export type SessionOut = Schemas["TokensOut"];
export type Patient = Schemas["PatientOut"];
export type BoardPatient = Schemas["BoardPatientOut"];
export type BoardRow = Schemas["BoardRowOut"];
export type VitalSign = Schemas["VitalSignOut"];
export type Observation = Schemas["ObservationOut"];
export type SignKey = Observation["sign"];
export type Latest = Schemas["LatestOut"];
export type Series = Schemas["SeriesOut"];
export type SeriesPoint = Schemas["PointOut"];
export type Reading = Schemas["ReadingIn"];
export type Verdict = Schemas["VerdictOut"];
export type Goal = Schemas["GoalOut"];
export type Target = Schemas["TargetOut"];
export type Progress = Schemas["ProgressOut"];
export type Action = Schemas["ActionInUseOut"];
export type Adherence = Schemas["AdherenceOut"];
export type Completion = Schemas["CompletionOut"];
export type ActionPlanDetail = Schemas["ActionPlanDetailOut"];
export type Pathway = Schemas["PathwayOut"];
export type OutcomeSummary = Schemas["OutcomeSummaryOut"];
export type MeasureOutcome = Schemas["MeasureOutcomeOut"];
export type Estimate = Schemas["EstimateOut"];
export type Count = Schemas["CountOut"];
export type OwnSession = Schemas["OwnSessionOut"];
export type Factors = Schemas["FactorsOut"];
export type Passkey = Schemas["PasskeyOut"];
export type SignInStep = Schemas["SignInStepOut"];
export type NewTotp = Schemas["TotpOut"];
