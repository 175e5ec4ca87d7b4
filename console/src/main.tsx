/** Starts the console: one session, one API client, one history; takes up an earlier session before the first page. */
import { render } from "preact";
import { clientFor } from "./api/client.ts";
import { App } from "./app.tsx";
import { Router } from "./router/history.ts";
import { ServicesProvider } from "./services.ts";
import { Attendance, browserSurroundings } from "./session/attendance.ts";
import { browserSight, Checking } from "./session/checking.ts";
import { keptDevices } from "./session/devices.ts";
import { keepWhileAway } from "./session/keeping.ts";
import { takenFrom } from "./session/letter.ts";
import { providerOf } from "./session/provider.ts";
import { Session } from "./session/session.ts";
import { browserTabs } from "./session/tabs.ts";
import { underWayIn } from "./session/under_way.ts";

// Before anything else: what a letter's link holds, and what an identity provider sends back, leaves the address bar.
const letter = takenFrom(window);
const provider = providerOf(window);
const underWay = underWayIn(window);
const session = new Session(keepWhileAway(), keptDevices(() => window.localStorage));
const tabs = browserTabs();
const attendance = new Attendance(session, browserSurroundings(tabs));
const checking = new Checking(session, browserSight(tabs));
const services = { session, attendance, checking, api: clientFor(session), door: clientFor(null), router: new Router(), letter, provider, underWay };

const place = document.getElementById("app");
if (place === null) throw new Error("index.html has no #app");
render(
  <ServicesProvider value={services}>
    <App />
  </ServicesProvider>,
  place,
);
void session.restore();
