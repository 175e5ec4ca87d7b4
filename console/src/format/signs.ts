/** Words and numbers for vital signs: order on screen, short names, units as read aloud, values with their decimals. */

export interface SignWords {
  name: string;
  short: string;
  decimals: number;
}

/** NEWS2's own order first, so that a row of signs reads as an observation chart does; then what people measure at home. */
const WORDS: Record<string, SignWords> = {
  respiratory_rate: { name: "Respiratory rate", short: "Resp. rate", decimals: 0 },
  oxygen_saturation: { name: "Oxygen saturation", short: "SpO₂", decimals: 0 },
  inspired_oxygen: { name: "Inspired oxygen", short: "Oxygen given", decimals: 1 },
  blood_pressure: { name: "Blood pressure", short: "Blood pressure", decimals: 0 },
  heart_rate: { name: "Heart rate", short: "Heart rate", decimals: 0 },
  consciousness_acvpu: { name: "Consciousness (ACVPU)", short: "ACVPU", decimals: 0 },
  body_temperature: { name: "Body temperature", short: "Temperature", decimals: 1 },
  blood_glucose: { name: "Blood glucose", short: "Glucose", decimals: 1 },
  blood_ketones: { name: "Blood ketones", short: "Ketones", decimals: 1 },
  peak_expiratory_flow: { name: "Peak expiratory flow", short: "Peak flow", decimals: 0 },
  pain_score: { name: "Pain score", short: "Pain", decimals: 0 },
  body_weight: { name: "Body weight", short: "Weight", decimals: 1 },
  body_height: { name: "Body height", short: "Height", decimals: 1 },
  bmi: { name: "Body mass index", short: "BMI", decimals: 1 },
  hba1c: { name: "HbA1c", short: "HbA1c", decimals: 0 },
  steps: { name: "Steps", short: "Steps", decimals: 0 },
  news2_total: { name: "NEWS2 total", short: "NEWS2", decimals: 0 },
};

const ORDER = Object.keys(WORDS);

const UNITS: Record<string, string> = {
  "mm[Hg]": "mmHg",
  Cel: "°C",
  "[degF]": "°F",
  "[lb_av]": "lb",
  "[in_i]": "inches",
  "[stone_av]": "stone",
  "{score}": "out of 10",
  "{ScoreOf}": "",
  "{count}": "steps",
  "{steps}": "steps",
  "kg/m2": "kg/m²",
};

const RATES: Record<string, string> = { heart_rate: "beats/min", respiratory_rate: "breaths/min" };

const ACVPU: Record<string, string> = {
  A: "Alert",
  C: "New confusion",
  V: "Responds to voice",
  P: "Responds to pain",
  U: "Unresponsive",
};

/** The words for a sign; a sign the console has never heard of is still shown, by its key. */
export function signWords(sign: string): SignWords {
  const known = WORDS[sign];
  if (known) return known;
  const name = sign.charAt(0).toUpperCase() + sign.slice(1).replaceAll("_", " ");
  return { name, short: name, decimals: 1 };
}

/** Signs in the order of an observation chart, unknown ones last by name. */
export function inChartOrder<Sign extends string>(signs: Iterable<Sign>): Sign[] {
  return [...new Set(signs)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

function rank(sign: string): number {
  const at = ORDER.indexOf(sign);
  return at < 0 ? ORDER.length : at;
}

/** The unit as it is read aloud: "mmHg", "°C", "beats/min"; empty for a sign without one. */
export function unitInWords(sign: string, ucum: string | null): string {
  if (ucum === null) return "";
  if (ucum === "/min") return RATES[sign] ?? "/min";
  return UNITS[ucum] ?? plain(ucum);
}

/** A code not known yet, without the brackets of UCUM, which no person reads: "[foz_us]" is "foz us". */
function plain(ucum: string): string {
  return ucum.replaceAll(/[[\]{}]/g, "").replaceAll("_", " ").trim();
}

/** A number with the sign's usual decimals; more are kept when the reading carries them, so that nothing is rounded away. */
export function number(sign: string, value: number): string {
  const most = Math.max(signWords(sign).decimals, 2);
  return value.toLocaleString("en-GB", {
    minimumFractionDigits: signWords(sign).decimals,
    maximumFractionDigits: most,
    useGrouping: Math.abs(value) >= 10_000,
  });
}

/** A mean with one decimal more than a reading has: more would claim what no device measures. */
export function average(sign: string, mean: number): string {
  const scale = 10 ** (signWords(sign).decimals + 1);
  return number(sign, Math.round(mean * scale) / scale);
}

export interface Valued {
  sign: string;
  value: number | null;
  systolic: number | null;
  diastolic: number | null;
  code: string | null;
  comparator: string | null;
}

/** A reading without its unit: "72", "132/78", "< 1.1", "New confusion". */
export function valueInWords(reading: Valued): string {
  if (reading.systolic !== null && reading.diastolic !== null) {
    return `${number(reading.sign, reading.systolic)}/${number(reading.sign, reading.diastolic)}`;
  }
  if (reading.code !== null) return acvpuInWords(reading.code);
  if (reading.value === null) return "No value";
  const shown = number(reading.sign, reading.value);
  return reading.comparator === null ? shown : `${reading.comparator} ${shown}`;
}

/** An answer of the ACVPU scale in words; the code itself when it is not known. */
export function acvpuInWords(code: string): string {
  return ACVPU[code] ?? code;
}
