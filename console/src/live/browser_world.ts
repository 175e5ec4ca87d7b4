/** The world as a live connection finds it in a browser: its clocks, its network, the API for tickets, and a WebSocket. */
import type { Client } from "../api/client.ts";
import { readClocks } from "./clocks.ts";
import type { Socket, SocketEvents, World } from "./connection.ts";
import { SUBPROTOCOL } from "./messages.ts";

export function browserWorld(api: Client): World {
  return {
    clocks: readClocks,
    chance: Math.random,
    online: () => navigator.onLine,
    fetchTicket: async () => (await api.post("/v1/live/tickets", {})).ticket,
    openSocket,
    after: (ms, act) => void setTimeout(act, ms),
  };
}

function openSocket(events: SocketEvents): Socket {
  const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${window.location.host}/v1/live`, SUBPROTOCOL);
  socket.onopen = () => events.opened();
  socket.onmessage = (message: MessageEvent<unknown>) => events.heard(message.data);
  socket.onclose = (close) => events.closed(close.code);
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code) => {
      // Closing a handshake under way makes the browser complain; let it come about first.
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close(code);
      else socket.close(code);
    },
  };
}
