import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Addresses that lead inside: https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 twin. */
const INSIDE = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Azure's own, of every virtual machine: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  INSIDE.addSubnet(net, prefix, "ipv4");
}
for (const [net, prefix] of [
  ["::", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  INSIDE.addSubnet(net, prefix, "ipv6");
}

export function isInside(address: string): boolean {
  const family = isIP(address);
  // A rule for these would hold for every IPv4 address, too: to a BlockList they are the same.
  const isMapped = address.toLowerCase().startsWith("::ffff:");
  return family === 0 || isMapped || INSIDE.check(address, family === 6 ? "ipv6" : "ipv4");
}

/**
 * Names are looked up when the connection is made and only public addresses are given, so that a
 * name that led outside when it was checked can't lead inside when it is called.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, "", 0);
    const outside = addresses.filter(({ address }) => !isInside(address));
    const [first] = outside;
    if (first === undefined) {
      const refusal: NodeJS.ErrnoException = new Error(`${hostname} leads to a private address.`);
      refusal.code = "EPRIVATE";
      return callback(refusal, "", 0);
    }
    if (options.all === true) return callback(null, outside);
    return callback(null, first.address, first.family);
  });
};
