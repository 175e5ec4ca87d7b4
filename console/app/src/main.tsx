/** Starts the app: one session, one API client, one history; and, where there is one, the worker that answers without a network. */
import { render } from "preact";
import { clientFor } from "#console/api/client.ts";
import { ServicesProvider, type Services } from "#console/services.ts";
import { Attendance, browserSurroundings } from "#console/session/attendance.ts";
import { browserSight, Checking } from "#console/session/checking.ts";
import { keptDevices } from "#console/session/devices.ts";
import { takenFrom } from "#console/session/letter.ts";
import { providerOf } from "#console/session/provider.ts";
import { Session } from "#console/session/session.ts";
import { browserTabs } from "#console/session/tabs.ts";
import { underWayIn } from "#console/session/under_way.ts";
import { App } from "./app.tsx";
import { RouterProvider } from "./router/context.ts";
import { AppRouter, movesIn } from "./router/router.ts";
import { AppServicesProvider } from "./services.ts";
import { marksIn } from "./session/marks.ts";
import { pushBrowserOf } from "./reminders/push_browser.ts";
import { ThisPhone } from "./reminders/this_phone.ts";
import { leftIn, toldIn } from "./reminders/told_here.ts";
import { Opening } from "./session/opening.ts";
import { ownPhoneIn } from "./session/own_phone.ts";
import { PhoneKeeping } from "./session/phone_keeping.ts";
import { editionsOf } from "./shell/editions.ts";
import { holdPrompt } from "./shell/install.tsx";
import { wireOf } from "./sync/wire.ts";
import { declare } from "./words/language.ts";

declare();
holdPrompt(window);
const provider = providerOf(window, "/app/");
const ownPhone = ownPhoneIn(window.sessionStorage);
const keeping = new PhoneKeeping(window);
const session = new Session(keeping, keptDevices(() => window.localStorage), {
  device: () => (ownPhone.get() ? "app" : "web"),
  inTurn: (renew) => keeping.renewing(renew),
  leaving: (api) => thisPhone.leaving(api),
});
const tabs = browserTabs("tendwell.app.session");
const router = new AppRouter();
const api = clientFor(session);
const thisPhone = new ThisPhone(api, toldIn(() => window.localStorage), leftIn(() => window.localStorage), pushBrowserOf(window));
const services: Services = {
  session,
  attendance: new Attendance(session, browserSurroundings(tabs)),
  checking: new Checking(session, browserSight(tabs)),
  api,
  door: clientFor(null),
  router: movesIn(router),
  letter: takenFrom(window),
  provider,
  underWay: underWayIn(window),
};
const opening = new Opening(session, keeping, marksIn(() => window.localStorage, window), wireOf(api, () => Date.now()), () => ownPhone.get());
opening.subscribe(() => void thisPhone.follow(opening.state));
window.addEventListener("online", () => void thisPhone.follow(opening.state));
const worker = navigator.serviceWorker as ServiceWorkerContainer | undefined;
worker?.addEventListener("message", ({ data }) => data === "open today" && router.go("today"));
const appServices = { opening, ownPhone, thisPhone, editions: editionsOf(worker) };

const place = document.getElementById("app");
if (place === null) throw new Error("index.html has no #app");
render(
  <RouterProvider value={router}>
    <ServicesProvider value={services}>
      <AppServicesProvider value={appServices}>
        <App />
      </AppServicesProvider>
    </ServicesProvider>
  </RouterProvider>,
  place,
);
void opening.begin();
