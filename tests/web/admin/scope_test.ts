import { strictEqual as equal } from "node:assert/strict";
import { readScope } from "../../../server/accounts/scopes.ts";
import { exampleOf, type Purpose, scopeOf } from "../../../web/admin/scope.ts";

const PLAIN = { origin: "http://127.0.0.1:5000", selfSigned: true };

for (
  const [purpose, rooms, scope] of [
    ["chat", "", "chat"],
    ["admin", "#lobby", "admin"],
    ["read", "#lobby", "read:#lobby"],
    ["post", "lobby", "post:#lobby"],
    ["read", " #a,  b ,#a", "read:#a read:#b"],
    ["read and post", "#builds ops", "read:#builds post:#builds read:#ops post:#ops"],
  ] as const satisfies readonly [Purpose, string, string][]
) {
  Deno.test(`to ${purpose} in "${rooms}" is the scope "${scope}", which the server takes`, () => {
    equal(scopeOf(purpose, rooms), scope);
    equal(readScope(scope), scope);
  });
}

for (
  const [scope, call] of [
    ["chat", "http://127.0.0.1:5000/me"],
    ["admin", "http://127.0.0.1:5000/admin/api/status"],
    ["read:#lobby post:#ops", "http://127.0.0.1:5000/rooms/lobby/messages"],
    ["post:#ops", "-d 'Hello from a script' http://127.0.0.1:5000/rooms/ops/messages"],
  ] as const
) {
  Deno.test(`a token for ${scope} is tried by a call that it may make`, () => {
    equal(exampleOf(scope, PLAIN), `curl -H "Authorization: Bearer $TOKEN" ${call}`);
  });
}

Deno.test("where the certificate is self-signed, curl is given it first", () => {
  equal(
    exampleOf("chat", { origin: "https://chat.example:8443", selfSigned: true }),
    "curl -sk https://chat.example:8443/cert.pem -o cert.pem\n" +
      'curl --cacert cert.pem -H "Authorization: Bearer $TOKEN" https://chat.example:8443/me',
  );
  equal(
    exampleOf("chat", { origin: "https://chat.example:8443", selfSigned: false }),
    'curl -H "Authorization: Bearer $TOKEN" https://chat.example:8443/me',
  );
});
