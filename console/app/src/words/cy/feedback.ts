/** Y Prawf Ffrindiau a Theulu. Not checked by a professional translator yet: see console/README.md. */
import type { WelshOf } from "../plurals.ts";
import type { feedback as english } from "../en/feedback.ts";

export const feedback: WelshOf<typeof english> = {
  "feedback.title": "Dywedwch sut oedd eich gofal",
  "feedback.of": "Am ofal pwy yr hoffech chi ddweud?",
  "feedback.practice": "Fy mhractis meddyg teulu",
  "feedback.about": "Wrth feddwl am {name}:",
  "feedback.question": "Yn gyffredinol, sut oedd eich profiad o'n gwasanaeth?",
  "feedback.very_good": "Da iawn",
  "feedback.good": "Da",
  "feedback.neither": "Ddim yn dda nac yn wael",
  "feedback.poor": "Gwael",
  "feedback.very_poor": "Gwael iawn",
  "feedback.dont_know": "Ddim yn gwybod",
  "feedback.why": "A allwch chi ddweud wrthym pam y rhoesoch eich ateb?",
  "feedback.why_hint": "Gall y rhai yr ydych yn sôn amdanynt ei ddarllen. Peidiwch ag ysgrifennu dim byd y gellid eich adnabod wrtho.",
  "feedback.anonymous": "Ni ddywedir wrth neb pwy atebodd: anfonir eich ateb heb eich enw, ac ni chedwir dim ohono ar y ffôn hwn.",
  "feedback.not_for": "Nid oes neb yn ateb yr hyn a ysgrifennir yma. Os oes angen help arnoch neu os hoffech gwyno, siaradwch â'ch practis.",
  "feedback.send": "Anfon fy ateb",
  "feedback.missing": "Dewiswch ateb",
  "feedback.thanks": "Diolch am eich ateb",
  "feedback.unsure": "Nid yw'n hysbys a gyrhaeddodd eich ateb. Os anfonwch ef eto, gall gyfrif ddwywaith.",
  "feedback.failed": "Nid oedd modd anfon eich ateb. Rhowch gynnig arall arni yn nes ymlaen.",
  "feedback.no_practice": "Nid yw eich cofnod yn enwi practis i ddweud hyn amdano.",
};
