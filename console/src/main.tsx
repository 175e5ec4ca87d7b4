/** Starts the console: one session, one API client, one history; takes up an earlier session before the first page. */
import { render } from "preact";
import { clientFor } from "./api/client.ts";
import { App } from "./app.tsx";
import { Router } from "./router/history.ts";
import { ServicesProvider } from "./services.ts";
import { keepWhileAway } from "./session/keeping.ts";
import { Session } from "./session/session.ts";

const session = new Session(keepWhileAway());
const services = { session, api: clientFor(session), router: new Router() };

const place = document.getElementById("app");
if (place === null) throw new Error("index.html has no #app");
render(
  <ServicesProvider value={services}>
    <App />
  </ServicesProvider>,
  place,
);
void session.restore();
