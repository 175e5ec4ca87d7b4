/** Tynnu'n ôl yr hyn a gofnodwyd. Not checked by a professional translator yet: see console/README.md. */
import type { WelshOf } from "../plurals.ts";
import type { back as english } from "../en/back.ts";

export const back: WelshOf<typeof english> = {
  "back.do": "Tynnu hwn yn ôl",
  "back.do_done": "Heb ei wneud wedi'r cyfan",
  "back.do_skipped": "Heb ei hepgor wedi'r cyfan",
  "back.do_correct": "Ei gywiro",
  "back.ask_step": "Tynnu hwn yn ôl? Bydd wedyn i'w wneud eto.",
  "back.ask": "Tynnu hwn yn ôl? Ni fydd yn cyfrif mwyach. Gall eich tîm weld o hyd ei fod wedi'i gofnodi, a'ch bod wedi'i dynnu'n ôl.",
  "back.ask_correct": "Tynnir hwn yn ôl, ac rydych yn ei gofnodi o'r newydd. Gall eich tîm weld o hyd beth ydoedd.",
  "back.yes": "Ie, ei dynnu'n ôl",
  "back.yes_correct": "Ei dynnu'n ôl a'i gofnodi o'r newydd",
  "back.no": "Na, ei adael",
  "back.why": "Pam rydych chi'n ei dynnu'n ôl?",
  "back.why_missing": "Dywedwch pam rydych chi'n ei dynnu'n ôl",
  "back.reason.mistyped": "Fe'i nodais yn anghywir",
  "back.reason.not_mine": "Nid fy un i ydyw",
  "back.reason.other": "Rheswm arall",
  "back.reason.step": "Wedi'i farcio trwy gamgymeriad",
  "back.taken": "Wedi'i dynnu'n ôl: {what}. Fe'i hanfonir cyn gynted ag y bydd cysylltiad.",
  "back.waits": "Wedi'i dynnu'n ôl: {what}",
  "back.correcting": "Tynnoch fesuriad yn ôl. Cofnodwch ef yma fel y dylai fod.",
  "back.week": "Yr hyn a nodwyd amdano yn y 7 diwrnod hyn ({count})",
  "back.nothing": "Nid oes dim wedi'i gofnodi.",
  "back.worked_out": "Tynnoch fesuriad yn ôl. Dangosir eto beth mae eich mesuriadau yn ei roi at ei gilydd unwaith y bydd hynny wedi'i anfon.",
  "back.call": "Tynnoch yr atebion hyn yn ôl. Os ydych yn meddwl am eich niweidio eich hun, neu nad yw bywyd yn werth ei fyw, peidiwch ag aros: ffoniwch.",
};
