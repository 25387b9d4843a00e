/**
 * Loaded before the Playground's own code (`node --import`): the Playground listens on every
 * interface and has no setting for it, and the demo must not be reachable from the network.
 */
import { Server, type ListenOptions } from "node:net";

const LOOPBACK = "127.0.0.1";
// eslint-disable-next-line typescript/unbound-method -- called with its own server below
const listen = Server.prototype.listen;

Server.prototype.listen = function onLoopback(this: Server, ...args: unknown[]): Server {
  const [first, ...rest] = args;
  const options: ListenOptions =
    typeof first === "object" && first !== null ? { ...first } : { port: Number(first) };
  const callback = rest.find((arg): arg is () => void => typeof arg === "function");
  if (options.path === undefined) options.host = LOOPBACK;
  return listen.call(this, options, callback);
};
