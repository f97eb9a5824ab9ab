import { Socket } from "node:net";

/** Where postgres.js wants to connect to, as far as is looked at here. */
interface Place {
  host: readonly string[];
  port: readonly number[];
  path: string | false;
}

/**
 * Has the driver's client of one connection connect as it does by itself, but once: postgres.js connects again without a
 * pause and without end where a connection is closed before its session began, as by a balancer that has no server. Here
 * the second try fails as a lost connection does. `onClose` is told of each other connection that ends.
 */
export function dialOptions(onClose: () => void) {
  let isTried = false;
  return {
    // An option that the driver's types leave out.
    socket({ host: [host = ""], port: [port = 0], path }: Place): Socket {
      const isRepeated = isTried;
      isTried = true;
      const socket = new Socket();
      // The driver listens for errors only once it has the socket.
      setImmediate(() => {
        if (isRepeated) socket.destroy(Object.assign(new Error("closed at once"), { code: "CONNECTION_CLOSED" }));
        else if (path) socket.connect(path);
        else socket.connect(port, host);
      });
      // By which it checks certificates.
      return Object.assign(socket, { host });
    },
    onclose() {
      isTried = false;
      onClose();
    },
  };
}
