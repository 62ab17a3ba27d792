import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { waysToJoin } from "../../../web/chat/terminal_commands.ts";

const SERVER = { tls_port: 6697, plain_port: 6667, self_signed: true };

Deno.test("a server with a certificate of its own is joined with that as a file", () => {
  deepEqual(waysToJoin("chat.example.org", SERVER), [
    {
      program: "OpenSSL",
      quick: "openssl s_client -quiet -connect chat.example.org:6697",
      verified: "openssl s_client -quiet -verify_return_error -CAfile cert.pem " +
        "-verify_hostname chat.example.org -connect chat.example.org:6697",
    },
    {
      program: "Ncat",
      quick: "ncat --ssl chat.example.org 6697",
      verified: "ncat --ssl --ssl-verify --ssl-trustfile cert.pem chat.example.org 6697",
    },
    {
      program: "socat",
      quick: "socat - OPENSSL:chat.example.org:6697,verify=0",
      verified: "socat - OPENSSL:chat.example.org:6697,cafile=cert.pem",
    },
  ]);
});

Deno.test("an issued certificate needs no file", () => {
  const [openssl, ncat, socat] = waysToJoin("chat.example.org", { ...SERVER, self_signed: false });
  deepEqual([openssl!.verified, ncat!.verified, socat!.verified], [
    "openssl s_client -quiet -verify_return_error -verify_hostname chat.example.org -connect chat.example.org:6697",
    "ncat --ssl --ssl-verify chat.example.org 6697",
    "socat - OPENSSL:chat.example.org:6697",
  ]);
});

Deno.test("an address is verified as such, and IPv6 has its brackets where a port follows", () => {
  const verified = (hostname: string) => waysToJoin(hostname, SERVER).slice(0, 3).map((way) => way.verified);
  deepEqual(verified("192.0.2.7"), [
    "openssl s_client -quiet -verify_return_error -CAfile cert.pem -verify_ip 192.0.2.7 -connect 192.0.2.7:6697",
    "ncat --ssl --ssl-verify --ssl-trustfile cert.pem 192.0.2.7 6697",
    "socat - OPENSSL:192.0.2.7:6697,cafile=cert.pem",
  ]);
  deepEqual(verified("[2001:db8::7]"), [
    "openssl s_client -quiet -verify_return_error -CAfile cert.pem -verify_ip 2001:db8::7 " +
    "-connect [2001:db8::7]:6697",
    "ncat --ssl --ssl-verify --ssl-trustfile cert.pem 2001:db8::7 6697",
    "socat - OPENSSL:[2001:db8::7]:6697,cafile=cert.pem",
  ]);
});

Deno.test("netcat is for this machine alone, and what is off is no way", () => {
  const programs = (hostname: string, server: Partial<typeof SERVER> | { tls_port: null }) =>
    waysToJoin(hostname, { ...SERVER, ...server }).map(({ quick }) => quick.split(" ")[0]);
  deepEqual(programs("localhost", {}), ["openssl", "ncat", "socat", "nc"]);
  deepEqual(programs("127.0.0.1", { tls_port: null }), ["nc"]);
  deepEqual(programs("[::1]", { tls_port: null }), ["nc"]);
  deepEqual(programs("chat.example.org", { tls_port: null }), []);
  const netcat = { program: "netcat", quick: "nc localhost 6667", verified: undefined };
  deepEqual(waysToJoin("127.0.0.1", SERVER).at(-1), netcat);
});
