import { Socket } from "node:net";

/** The part of postgres.js' connection options that this file reads. */
interface Place {
  host: readonly string[];
  port: readonly number[];
  path: string | false;
}

/**
 * Options that let a postgres.js client of one connection connect once only. Left alone, postgres.js reconnects without
 * pause or end when a connection closes before its session begins, as behind a balancer that has no server. Here the
 * second attempt fails like a lost connection. Calls `onClose` for every other connection that ends.
 */
export function dialOptions(onClose: () => void) {
  let isTried = false;
  return {
    // An option that postgres.js' types omit.
    socket({ host: [host = ""], port: [port = 0], path }: Place): Socket {
      const isRepeated = isTried;
      isTried = true;
      const socket = createHeardSocket();
      // postgres.js adds its error listener only after it has the socket.
      setImmediate(() => {
        if (isRepeated) socket.destroy(Object.assign(new Error("closed at once"), { code: "CONNECTION_CLOSED" }));
        else if (path) socket.connect(path);
        else socket.connect(port, host);
      });
      // postgres.js checks certificates against this host.
      return Object.assign(socket, { host });
    },
    onclose() {
      isTried = false;
      onClose();
    },
  };
}

/**
 * A socket whose errors are heard whatever listeners are taken off. postgres.js takes all from the socket that it has when one
 * closes, and an error that nobody hears ends the process.
 */
function createHeardSocket(): Socket {
  const socket = new Socket();
  const hear = () => {};
  const removeAll = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (...event) => removeAll(...event).on("error", hear);
  return socket.on("error", hear);
}
