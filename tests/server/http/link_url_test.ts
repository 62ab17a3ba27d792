import { strictEqual as equal } from "node:assert/strict";
import { linkUrl } from "../../../server/http/link_url.ts";

const ALL = { hostname: "0.0.0.0", port: 8443 };
const ALL_IPV6 = { hostname: "::", port: 8443 };
const LOOPBACK = { hostname: "127.0.0.1", port: 8443 };
const ONE = { hostname: "192.0.2.9", port: 8443 };
const HTTP = { hostname: "127.0.0.1", port: 5000 };
const OWN = { names: ["localhost", "box", "127.0.0.1"], selfSigned: true };
const ISSUED = {
  names: ["192.0.2.9", "*.example.org", "chat.example.org", "example.org"],
  selfSigned: false,
};
const ISSUED_FOR_ADDRESS = { names: ["192.0.2.9", "*.example.org"], selfSigned: false };

type Doors = Parameters<typeof linkUrl>[1];

const CASES: [title: string, localAddress: string, doors: Doors, url: string | undefined][] = [
  [
    "the address that the terminal has come to is good for the browser as well",
    "192.0.2.9",
    { https: ALL, http: HTTP, certificate: OWN },
    "https://192.0.2.9:8443/link",
  ],
  [
    "loopback has a name",
    "127.0.0.1",
    { https: ALL, http: HTTP, certificate: OWN },
    "https://localhost:8443/link",
  ],
  [
    "so it has in IPv6",
    "::1",
    { https: ALL_IPV6, http: HTTP, certificate: OWN },
    "https://localhost:8443/link",
  ],
  [
    "IPv4 on a socket for both is written as such",
    "::ffff:192.0.2.9",
    { https: ALL_IPV6, http: HTTP, certificate: OWN },
    "https://192.0.2.9:8443/link",
  ],
  [
    "IPv6 stands in brackets",
    "2001:DB8::9",
    { https: ALL_IPV6, http: HTTP, certificate: OWN },
    "https://[2001:db8::9]:8443/link",
  ],
  [
    "a zone is for this machine alone",
    "fe80::1%eth0",
    { https: ALL_IPV6, http: HTTP, certificate: OWN },
    "https://[fe80::1]:8443/link",
  ],
  [
    "a listener on one address answers there",
    "192.0.2.10",
    { https: ONE, http: HTTP, certificate: OWN },
    "https://192.0.2.9:8443/link",
  ],
  [
    "also to those on this machine",
    "127.0.0.1",
    { https: ONE, http: HTTP, certificate: OWN },
    "https://192.0.2.9:8443/link",
  ],
  [
    "an issued certificate says under which name, and no wildcard or address is one",
    "192.0.2.9",
    { https: ALL, http: HTTP, certificate: ISSUED },
    "https://chat.example.org:8443/link",
  ],
  [
    "one without a name does not",
    "192.0.2.9",
    { https: ALL, http: HTTP, certificate: ISSUED_FOR_ADDRESS },
    "https://192.0.2.9:8443/link",
  ],
  [
    "who comes from elsewhere cannot open what is on loopback",
    "192.0.2.9",
    { https: LOOPBACK, http: HTTP, certificate: OWN },
    undefined,
  ],
  [
    "who is on this machine can",
    "127.0.0.1",
    { https: LOOPBACK, certificate: OWN },
    "https://localhost:8443/link",
  ],
  [
    "without HTTPS the loopback port is for those on this machine",
    "127.0.0.1",
    { http: HTTP, certificate: OWN },
    "http://localhost:5000/link",
  ],
  [
    "and for nobody else",
    "192.0.2.9",
    { http: HTTP, certificate: OWN },
    undefined,
  ],
  [
    "nor is a password sent in the clear over the network",
    "192.0.2.9",
    { http: { hostname: "0.0.0.0", port: 80 }, certificate: OWN },
    undefined,
  ],
  [
    "on this machine it may be",
    "127.0.0.1",
    { http: { hostname: "0.0.0.0", port: 80 }, certificate: OWN },
    "http://localhost:80/link",
  ],
  [
    "without either there is no page",
    "127.0.0.1",
    { certificate: OWN },
    undefined,
  ],
  [
    "a WebSocket that does not know where it came in has a page by name only",
    "0.0.0.0",
    { https: ALL, http: HTTP, certificate: OWN },
    undefined,
  ],
  [
    "which is a certificate's",
    "0.0.0.0",
    { https: ALL, http: HTTP, certificate: ISSUED },
    "https://chat.example.org:8443/link",
  ],
];

for (const [title, localAddress, doors, url] of CASES) {
  Deno.test(`where a log-in is confirmed: ${title}`, () => equal(linkUrl(localAddress, doors), url));
}
