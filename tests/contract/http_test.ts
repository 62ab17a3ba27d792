import { strict as assert } from "node:assert";
import { join } from "node:path";
import { SignJWT } from "jose";
import { DataDirectory } from "../../server/store/data_directory.ts";
import { openRecords, type Records } from "../../server/records.ts";
import { Log } from "../../server/telemetry/log.ts";
import { checkDocumented } from "../support/documented.ts";
import { Person } from "../support/person.ts";
import { run } from "../support/program.ts";
import { startServer, startServerAtFullCost, type TestServer } from "../support/start_server.ts";

const PASSWORD = "correct horse";

Deno.test("sign-up answers as the original system did, to the letter", async () => {
  await using server = await startServer();
  const body = `{"username":"ann@example.org","password":"${PASSWORD}","name_account":"Ann"}`;
  const made = await post(server, "/signup", body);
  assert.equal(made.status, 200);
  assert.match(
    made.text,
    /^\{"_id":"[0-9A-Z]{26}","username":"ann@example\.org","password":"\*{8}","name_account":"Ann"\}$/,
  );
  const again = await post(server, "/signup", body);
  assert.deepEqual([again.status, again.text], [400, '{"message":"User already exists"}']);
  const missing = await post(server, "/signup", '{"username":"bob"}');
  assert.deepEqual(
    [missing.status, missing.text],
    [400, '{"message":"Missing username, password, or nameaccount"}'],
  );
});

Deno.test("log-in answers as the original system did, to the letter", async () => {
  await using server = await startServer();
  await post(server, "/signup", { username: "ann@example.org", password: PASSWORD, name_account: "Ann" });
  const right = await post(server, "/login", { username: "ann@example.org", password: PASSWORD });
  assert.equal(right.status, 200);
  assert.match(
    right.text,
    /^\{"Name Account":"Ann","User Name":"ann@example\.org","User Password":"\*{8}","Access Token":"[\w-]+\.[\w-]+\.[\w-]+"\}$/,
  );
  const wrong = await post(server, "/login", { username: "ann@example.org", password: "wrong horse" });
  assert.deepEqual([wrong.status, wrong.text], [401, '{"message":"User account does not exist!!!"}']);
  const missing = await post(server, "/login", { username: "ann@example.org" });
  assert.deepEqual([missing.status, missing.text], [400, '{"message":"Missing username or password"}']);
});

Deno.test("a token tells whose it is, which it is, and from when until when it lasts", async () => {
  await using server = await startServer("--token-days=7");
  await server.hasAccount("ann");
  const before = Math.floor(Date.now() / 1000);
  const jwt = await server.tokenOf("ann");
  const [, payload = ""] = jwt.split(".");
  const { sub, jti, iat, exp, scope, ...others } = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(payload, { alphabet: "base64url" })),
  );
  const me = await get(server, "/me", jwt);
  const [listed] = (await get(server, "/me/tokens", jwt)).json;
  assert.deepEqual([sub, jti, scope], [me.json._id, listed.id, "chat"]);
  assert.ok(iat >= before && iat <= Date.now() / 1000, `iat ${iat}`);
  assert.equal(exp - iat, 7 * 86_400);
  assert.deepEqual(others, {});
});

Deno.test("who asks for a username that is taken is told so, though its owner is chatting", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  await server.member("ann");
  const again = await post(server, "/signup", { username: "ann", password: PASSWORD, name_account: "ann" });
  assert.deepEqual([again.status, again.json], [400, { message: "User already exists" }]);
});

Deno.test("a body of whatever type that holds JSON is taken, so that curl -d works", async () => {
  await using server = await startServer();
  const types = ["application/json", "application/x-www-form-urlencoded", "text/plain", undefined];
  for (const [index, type] of types.entries()) {
    const username = `ann${index}`;
    const body = new TextEncoder().encode(
      JSON.stringify({ username, password: PASSWORD, name_account: username }),
    );
    const headers: HeadersInit = type === undefined ? {} : { "content-type": type };
    assert.equal((await post(server, "/signup", body, { headers })).status, 200, type);
  }
});

Deno.test("of a field that comes twice the last counts, and fields that nobody knows are ignored", async () => {
  await using server = await startServer();
  const { status, json } = await post(
    server,
    "/signup",
    `{"username":"eve","username":"ann","password":"${PASSWORD}","name_account":"ann","role":"admin","_id":"x"}`,
  );
  assert.deepEqual([status, json.username], [200, "ann"]);
  const me = await get(server, "/me", await server.tokenOf("ann"));
  assert.equal(me.json.role, "member");
  assert.notEqual(me.json._id, "x");
});

const ARRAYS_10_000_DEEP = "[".repeat(10_000) + "]".repeat(10_000);
const OBJECTS_10_000_DEEP = '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000);

/** What a body may be, for what is said of it; none of them is what any call takes. */
const BAD_BODIES: [what: string, body: string | Uint8Array<ArrayBuffer>][] = [
  ["an array", "[]"],
  ["null", "null"],
  ["a number", "3"],
  ["a text", '"ann"'],
  ["true", "true"],
  ["cut off", '{"username":"ann","password":"correct ho'],
  ["single quotes", "{'username':'ann','password':'correct horse','name_account':'ann'}"],
  ["a comma too many", `{"username":"ann","password":"${PASSWORD}","name_account":"ann",}`],
  ["two objects", "{}{}"],
  ["a form", "username=ann&password=correct+horse&name_account=ann"],
  ["XML", "<login><username>ann</username></login>"],
  ["spaces", "   "],
  ["a NUL", "\0"],
  ["arrays, 10,000 deep", ARRAYS_10_000_DEEP],
  ["objects, 10,000 deep", "[" + OBJECTS_10_000_DEEP + "]"],
  ["brackets that never close", "[".repeat(60_000)],
  ["invalid UTF-8", bytes(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d)],
  ["a C1 byte", bytes(0x7b, 0x22, 0x9b, 0x22, 0x3a, 0x31, 0x7d)],
  ["UTF-16", new Uint8Array(new Uint16Array([..."\ufeff{}"].map((char) => char.charCodeAt(0))).buffer)],
];

/** What a field may be that should be a text; "" is as good as missing. */
const BAD_VALUES = [
  ...['""', "null", "true", "0", "12345678", "1e400", "-0", "123456789012345678901234567890"],
  ...["[]", '["ann"]', "{}", '{"username":"ann"}', ARRAYS_10_000_DEEP, OBJECTS_10_000_DEEP],
];

const ANN = { username: "ann", password: PASSWORD, name_account: "ann" };

Deno.test("a malformed body gets a 4xx with a message, whatever is wrong with it and whatever the call", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await server.hasAccount("bob");
  const token = await server.tokenOf("bob");
  const calls: [method: string, path: string][] = [
    ["POST", "/signup"],
    ["POST", "/login"],
    ["POST", "/setup"],
    ["PATCH", "/me"],
    ["POST", "/me/password"],
    ["POST", "/me/tokens"],
  ];
  for (const [method, path] of calls) {
    for (const [what, body] of BAD_BODIES) {
      const answer = await ask(server, path, { method, body, token });
      assertRefused(answer, 400, `${method} ${path}, ${what}`);
    }
  }
  assert.equal((await get(server, "/healthz")).status, 200);
});

Deno.test("a field that may be left out may be null, and is named where it is no text", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await server.hasAccount("bob");
  const login = { username: "bob", password: PASSWORD };
  const zoe = { username: "zoe", password: PASSWORD, name_account: "zoe" };
  assert.equal((await post(server, "/login", { ...login, code: null })).status, 200);
  assert.deepEqual((await post(server, "/login", { ...login, code: 123456 })).json, {
    message: "code is a text, or left out",
  });
  assert.deepEqual((await post(server, "/signup", { ...zoe, invitation: 5 })).json, {
    message: "invitation is a text, or left out",
  });
  assert.equal((await post(server, "/signup", { ...zoe, invitation: null })).status, 200);
});

Deno.test("a field that is missing or no text is called missing, and nothing is done", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await server.hasAccount("bob");
  const token = await server.tokenOf("bob");
  const calls: [method: string, path: string, fields: Record<string, string>, message: string][] = [
    ["POST", "/signup", ANN, "Missing username, password, or nameaccount"],
    ["POST", "/login", { username: "bob", password: PASSWORD }, "Missing username or password"],
    ["POST", "/setup", { code: "x", ...ANN }, "Missing code, username, password, or name_account"],
    ["PATCH", "/me", { name_account: "robert" }, "Missing name_account"],
    [
      "POST",
      "/me/password",
      { current_password: PASSWORD, password: "another horse" },
      "Missing current_password or password",
    ],
  ];
  for (const [method, path, fields, message] of calls) {
    const bodies = ["", "{}", `{"__proto__":${JSON.stringify(fields)}}`];
    for (const field of Object.keys(fields)) {
      const others = Object.entries(fields).filter(([name]) => name !== field);
      for (const value of [undefined, ...BAD_VALUES]) {
        const members = others.map(([name, text]) => `"${name}":${JSON.stringify(text)}`);
        bodies.push(`{${[...members, ...value === undefined ? [] : [`"${field}":${value}`]].join(",")}}`);
      }
    }
    for (const body of bodies) {
      const answer = await ask(server, path, { method, body, token });
      assert.deepEqual(
        [answer.status, answer.json],
        [400, { message }],
        `${method} ${path} ${body.slice(0, 200)}`,
      );
    }
  }
  const { status, json } = await get(server, "/me", token);
  assert.deepEqual([status, json.name_account], [200, "bob"]);
  assert.equal("username" in {}, false, "a body reached Object.prototype");
});

Deno.test("bad usernames, names and passwords are refused by a sentence that says what is allowed", async () => {
  await using server = await startServer();
  const cases: [change: Partial<typeof ANN>, message: string][] = [
    [{ username: "a" }, "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or ."],
    [{ username: "ann\u001b[2J" }, "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or ."],
    [{ username: "a@b@c" }, "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or ."],
    [
      { username: "\ufdfa".repeat(20_000) },
      "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or .",
    ],
    [{ name_account: "a" }, "Names are 2 to 32 letters, digits, _ - or ."],
    [{ name_account: "an n" }, "Names are 2 to 32 letters, digits, _ - or ."],
    [{ name_account: "ann\ud800" }, "Names are 2 to 32 letters, digits, _ - or ."],
    [{ name_account: "ann\u202e" }, "Names are 2 to 32 letters, digits, _ - or ."],
    [{ name_account: "a".repeat(33) }, "Names are 2 to 32 letters, digits, _ - or ."],
    [{ name_account: "admin" }, "That name is taken."],
    [{ name_account: "SERVER" }, "That name is taken."],
    [{ password: "7 bytes" }, "Passwords are 8 to 1024 bytes long."],
    [{ password: "x".repeat(1025) }, "Passwords are 8 to 1024 bytes long."],
  ];
  for (const [change, message] of cases) {
    const { status, json } = await post(server, "/signup", { ...ANN, ...change });
    assert.deepEqual([status, json], [400, { message }], JSON.stringify(change).slice(0, 80));
  }
  for (const [index, password] of ["8 bytes!", "ü".repeat(512)].entries()) {
    const name = `ann${index}`;
    assert.equal(
      (await post(server, "/signup", { username: name, name_account: name, password })).status,
      200,
    );
    assert.equal((await post(server, "/login", { username: name, password })).status, 200);
  }
});

Deno.test("a username that nobody can have is as unknown as any other", async () => {
  await using server = await startServer("--logins-per-minute=off");
  for (
    const username of [
      "\ufdfa".repeat(200),
      "\ufdfa".repeat(20_000),
      "x".repeat(60_000),
      "a@" + "b".repeat(9_000),
    ]
  ) {
    const { status, json } = await post(server, "/login", { username, password: PASSWORD });
    assert.deepEqual([status, json], [401, { message: "User account does not exist!!!" }]);
  }
  assertNoErrors(server);
});

Deno.test("a body may be as long as the limit and no byte longer, announced or chunked", async () => {
  await using server = await startServer();
  const padded = (length: number) => {
    const json = JSON.stringify(ANN);
    return new TextEncoder().encode(json + " ".repeat(length - json.length));
  };
  const chunked = (length: number) => ReadableStream.from([padded(length - 1), bytes(0x20)]);
  const tooLarge = [413, { message: "The body is too large (limit 65536 bytes)." }];
  for (const body of [padded(65_537), chunked(65_537), padded(1_000_000), chunked(1_000_000)]) {
    const { status, json } = await post(server, "/signup", body);
    assert.deepEqual([status, json], tooLarge);
  }
  assert.equal((await post(server, "/signup", chunked(65_536))).status, 200);
  const { status, json } = await post(server, "/signup", padded(65_536));
  assert.deepEqual([status, json], [400, { message: "User already exists" }]);
});

Deno.test("headers and bodies that do not come in time are answered with 408", async () => {
  await using server = await startServer("--header-seconds=1", "--body-seconds=1");
  const halves = [
    "POST /login HTTP/1.1\r\nHost: localhost\r\n",
    "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
    "POST /me/tokens HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
  ];
  const [headers, ...bodies] = await Promise.all(halves.map(async (half) => {
    await using client = new Person(await connectRaw(server));
    await client.sends(half);
    return await client.readsUpTo('"}');
  }));
  assert.match(
    headers!,
    /^HTTP\/1\.1 408 .*\{"message":"The headers of a request must be sent within 1 s\."\}$/s,
  );
  for (const body of bodies) {
    assert.match(body, /^HTTP\/1\.1 408 .*\{"message":"The body did not come within 1 s\."\}$/s);
  }
});

Deno.test("a body that breaks off is nobody's fault but the client's", async () => {
  await using server = await startServer();
  const head = "POST /login HTTP/1.1\r\nHost: localhost\r\n";
  for (const rest of ["Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"]) {
    const conn = await connectRaw(server);
    await conn.write(new TextEncoder().encode(head + rest));
    await get(server, "/healthz"); // what was written before has come
    conn.close();
  }
  const garbled = await sendRaw(server, `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`);
  assert.match(garbled, /^(HTTP\/1\.1 400 .*)?$/s);
  for (let look = 0; look < 5; look++) assert.equal((await get(server, "/healthz")).status, 200);
  assertNoErrors(server);
});

Deno.test("a GET with a body is answered like one without", async () => {
  await using server = await startServer();
  const body = "what for?";
  const request = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n`;
  const answer = await sendRaw(server, `${request}Connection: close\r\n\r\n${body}`);
  assert.match(answer, /^HTTP\/1\.1 200 .*\{"status":"ok","version":"[^"]+"\}$/s);
});

Deno.test("an unknown path gets 404, a method that a path does not take 405 with those that it takes", async () => {
  await using server = await startServer();
  const paths = [
    "/nowhere",
    "/signup/",
    "/SIGNUP",
    "/me/tokens/a/b",
    "/../etc/passwd",
    "/%2e%2e/x",
    "/me%2ftokens",
  ];
  for (const path of paths) {
    for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
      assertRefused(await ask(server, path, { method }), 404, `${method} ${path}`);
    }
  }
  const taken: [path: string, allow: string][] = [
    ["/signup", "POST"],
    ["/login", "POST"],
    ["/logout", "POST"],
    ["/setup", "POST, GET, HEAD"],
    ["/me", "GET, HEAD, PATCH, DELETE"],
    ["/me/password", "POST"],
    ["/me/tokens", "GET, HEAD, POST, DELETE"],
    ["/me/tokens/x", "DELETE"],
    ["/healthz", "GET, HEAD"],
    ["/cert.pem", "GET, HEAD"],
  ];
  for (const [path, allow] of taken) {
    for (const method of ["PUT", "OPTIONS", "PROPFIND"]) {
      const answer = await ask(server, path, { method, body: method === "PUT" ? "{}" : undefined });
      assertRefused(answer, 405, `${method} ${path}`);
      assert.equal(answer.headers.get("allow"), allow, path);
      assert.equal(answer.json.message, `This address takes ${allow}.`);
    }
  }
});

Deno.test("HEAD answers like GET, without the body", async () => {
  await using server = await startServer();
  for (
    const [path, status] of [["/healthz", 200], ["/cert.pem", 200], ["/me", 401], ["/login", 405]] as const
  ) {
    const head = await ask(server, path, { method: "HEAD" });
    assert.deepEqual([head.status, head.text], [status, ""], path);
  }
});

Deno.test("the loopback port answers those only who call it by a name of this machine", async () => {
  await using server = await startServer();
  const { port } = server.parley.addresses.http!;
  const status = async (...hosts: string[]) => {
    const lines = hosts.map((host) => `Host: ${host}\r\n`).join("");
    const answer = await sendRaw(server, `GET /healthz HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`);
    return Number(answer.slice(9, 12));
  };
  for (const name of ["localhost", "LOCALHOST", "LocalHost", "127.0.0.1", "[::1]"]) {
    for (const host of [name, `${name}:${port}`]) assert.equal(await status(host), 200, host);
  }
  const others = [
    ...[
      "evil.example",
      "localhost.evil.example",
      "evil.example:80#localhost",
      "localhost@evil.example",
      "127.0.0.2",
    ],
    ...[
      "127.0.0.1.evil.example",
      "xlocalhost",
      "0.0.0.0",
      "2130706433",
      "0x7f.1",
      "[::]",
      "[::ffff:127.0.0.1]",
    ],
    ...["localhost, evil.example", "localhost:", "localhost:x", `evil.example:${port}`, ""],
  ];
  for (const host of others) assert.equal(await status(host), 421, `Host: ${host}`);
  assert.equal(await status(), 421, "no Host");
  assert.equal(await status("localhost", "evil.example"), 400, "two Hosts");
  const absolute = await sendRaw(
    server,
    "GET http://localhost/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
  );
  assert.match(absolute, /^HTTP\/1\.1 421 .*\{"message":"This port answers to localhost only\."\}$/s);
  assert.equal(await status("localhost:99999"), 400, "no port has such a number");
  assertNoErrors(server);
});

Deno.test("a Host that is none is the sender's fault, on any port", async () => {
  await using server = await startServer();
  const { certificate, addresses: { https } } = server.parley;
  for (const host of ["[", "[::1", "x:99999", "x:80:80", "a b", "?"]) {
    const conn = await Deno.connectTls({
      hostname: "localhost",
      port: https!.port,
      caCerts: [certificate.certPem],
    });
    const request =
      `POST /session HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
    await conn.write(new TextEncoder().encode(request));
    const answer = await new Response(conn.readable).text();
    assert.match(answer, /^HTTP\/1\.1 400 .*\{"message":"The Host of this request is none\."\}$/s, host);
  }
  assertNoErrors(server);
});

Deno.test("a foreign page that has its name resolve to this machine cannot sign up or log in", async () => {
  await using server = await startServer();
  const url = `http://evil.example:${server.parley.addresses.http!.port}/signup`;
  const { port } = server.parley.addresses.http!;
  for (const version of ["--http1.1", "--http2-prior-knowledge"]) {
    const { code, stdout, stderr } = await run("curl", [
      ...["-sS", version, "--resolve", `evil.example:${port}:127.0.0.1`, "-d", JSON.stringify(ANN), url],
    ]);
    assert.deepEqual([code, stdout], [0, '{"message":"This port answers to localhost only."}'], stderr);
  }
  assert.equal((await post(server, "/login", ANN)).status, 401, "an account was made");
});

Deno.test("every answer carries what keeps browsers from misusing it, and none may be kept", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const answers = [
    await get(server, "/"),
    await get(server, "/healthz"),
    await get(server, "/cert.pem"),
    await get(server, "/me", token),
    await get(server, "/me"),
    await get(server, "/nowhere"),
    await ask(server, "/me", { method: "PUT" }),
    await post(server, "/login", "["),
    await post(server, "/login", "x".repeat(70_000)),
    await overTls(server, "/healthz"),
    await overTls(server, "/nowhere"),
  ];
  for (const { headers, status } of answers) {
    const csp = headers.get("content-security-policy") ?? "";
    assert.match(csp, /default-src 'none'/, String(status));
    assert.match(csp, /frame-ancestors 'none'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(headers.get("access-control-allow-origin"), null);
    assert.equal(headers.get("strict-transport-security"), null); // would lock out with a self-signed certificate
    assert.equal(headers.get("server"), null);
  }
  const shown = await get(server, "/me/tokens", token);
  assert.equal(shown.headers.get("cache-control"), "no-store");
  const login = await post(server, "/login", ANN);
  assert.equal(login.headers.get("cache-control"), "no-store");
});

Deno.test("everything works in the clear and over TLS, there over HTTP/1.1 and HTTP/2", async () => {
  await using server = await startServer("--logins-per-minute=off");
  const { http, https } = server.parley.addresses;
  const plain = `http://127.0.0.1:${http!.port}`;
  const secure = `https://localhost:${https!.port}`;
  const ways: [name: string, url: string, args: string[]][] = [
    ["h1-plain", plain, ["--http1.1"]],
    ["h1-tls", secure, ["--http1.1", "--cacert", join(server.dataDir, "cert.pem")]],
    ["h2-tls", secure, ["--http2", "--cacert", join(server.dataDir, "cert.pem")]],
  ];
  await Promise.all(ways.map(async ([username, url, args]) => {
    const call = async (method: string, path: string, body?: unknown, token?: string) => {
      const { code, stdout, stderr } = await run("curl", [
        ...["-sS", ...args, "-X", method, "-w", " %{http_code} %{http_version}", url + path],
        ...body === undefined ? [] : ["-d", JSON.stringify(body)],
        ...token === undefined ? [] : ["-H", `Authorization: Bearer ${token}`],
      ]);
      assert.equal(code, 0, `${username} ${method} ${path}: ${stderr}`);
      const [, text, status, version] = /^(.*) (\d+) ([\d.]+)$/s.exec(stdout)!;
      assert.equal(version, username.startsWith("h2") ? "2" : "1.1");
      return {
        text: text!,
        status: Number(status),
        json: text!.startsWith("{") ? JSON.parse(text!) : undefined,
      };
    };
    const password = PASSWORD;
    assert.equal((await call("GET", "/healthz")).json.status, "ok");
    assert.equal((await call("GET", "/cert.pem")).text, server.parley.certificate.certPem);
    const made = await call("POST", "/signup", { username, password, name_account: username });
    assert.equal(made.status, 200);
    const token = (await call("POST", "/login", { username, password })).json["Access Token"];
    assert.equal((await call("GET", "/me", undefined, token)).json._id, made.json._id);
    const renamed = await call("PATCH", "/me", { name_account: `new-${username}` }, token);
    assert.equal(renamed.json.name_account, `new-${username}`);
    const further = (await call("POST", "/me/tokens", { label: "bot", days: 1 }, token)).json;
    const tokens = JSON.parse((await call("GET", "/me/tokens", undefined, further.token)).text);
    assert.deepEqual(tokens.map(({ label }: { label: string }) => label), ["login", "bot"]);
    assert.equal((await call("DELETE", `/me/tokens/${further.id}`, undefined, token)).status, 200);
    assert.equal((await call("GET", "/me", undefined, further.token)).status, 401);
    const change = { current_password: password, password: "another horse" };
    assert.equal((await call("POST", "/me/password", change, token)).status, 200);
    assert.equal((await call("POST", "/login", { username, password })).status, 401);
    assert.equal((await call("POST", "/logout", undefined, token)).status, 200);
    assert.equal((await call("GET", "/me", undefined, token)).status, 401);
  }));
});

Deno.test("over HTTP/2 the answer arrives to a request whose body nobody wants", async () => {
  await using server = await startServer("--logins-per-minute=1");
  await post(server, "/login", ANN); // the only attempt of this minute
  const url = `https://localhost:${server.parley.addresses.https!.port}`;
  const file = join(server.dataDir, "body.json");
  const unwanted: [status: number, bytes: number, path: string, args: string[]][] = [
    [401, 60_000, "/me/tokens", []],
    [401, 60_000, "/me/password", ["-H", "Authorization: Bearer a.b.c"]],
    [404, 500_000, "/nowhere", []],
    [405, 500_000, "/login", ["-X", "PUT"]],
    [413, 2_000_000, "/signup", []],
    [413, 500_000, "/me/tokens", []],
    [429, 60_000, "/login", []],
    [403, 60_000, "/setup", []],
  ];
  for (const [status, bytes, path, args] of unwanted) {
    const body = JSON.stringify({ ...ANN, code: "x" });
    await Deno.writeTextFile(file, body + " ".repeat(bytes - body.length));
    const urls = Array.from({ length: 20 }, () => [url + path, "-o", "/dev/null"]).flat();
    const { stdout, stderr } = await run("curl", [
      ...["-sS", "--http2", "--cacert", join(server.dataDir, "cert.pem"), ...args],
      ...["--data-binary", `@${file}`, "-w", "%{http_version} %{http_code} %{exitcode}\n", ...urls],
    ]);
    assert.equal(stdout, `2 ${status} 0\n`.repeat(20), `${path}: ${stderr}`);
  }
});

Deno.test("a token is good for nothing when it is missing, malformed, forged, expired, revoked, or its account gone", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  await server.hasAccount("bob");
  await server.hasAccount("eve");
  const good = await server.tokenOf("ann");
  await using records = await recordsOf(server);
  const [record] = await records.tokens.list();
  const key = (await records.database.kv.get<Uint8Array<ArrayBuffer>>(["signing_key"])).value!;
  const claims = (jti = record!.id) =>
    new SignJWT({ scope: "chat" }).setSubject(record!.account).setJti(jti).setIssuedAt();
  const signed = (secret: Uint8Array<ArrayBuffer>, alg = "HS256", jti?: string) =>
    claims(jti).setExpirationTime("1d").setProtectedHeader({ alg }).sign(secret);
  const [head = "", payload = "", signature = ""] = good.split(".");
  const none = base64url({ alg: "none", typ: "JWT" });
  const forBob = base64url({ ...readPart(payload), sub: (await records.accounts.findByHandle("bob"))!.id });

  const expired = (await records.tokens.issue(record!.account, { days: -1, label: "old" })).jwt;
  const revoked = await server.tokenOf("ann");
  assert.equal((await post(server, "/logout", undefined, { token: revoked })).status, 200);
  const disabled = await server.tokenOf("bob");
  await records.accounts.setDisabled((await records.accounts.findByHandle("bob"))!.id, true);
  const deleted = await server.tokenOf("eve");
  await records.accounts.delete((await records.accounts.findByHandle("eve"))!.id);

  const notValid = [401, "This token is not valid."] as const;
  const missing = [401, "This call needs an access token: Authorization: Bearer <token>."] as const;
  const gone = [403, "This account is disabled. Ask an admin of this server."] as const;
  const cases: [authorization: string | undefined, status: number, message: string][] = [
    [undefined, ...missing],
    ["", ...missing],
    ["Bearer", ...missing],
    ["Bearer ", ...missing],
    [good, ...missing],
    [`Basic ${good}`, ...missing],
    [`Bearer ${good} ${good}`, ...missing],
    ["Bearer x", ...notValid],
    ["Bearer a.b.c", ...notValid],
    [`Bearer ${"a".repeat(20_000)}`, ...notValid],
    [`Bearer ${head}.${payload}.`, ...notValid],
    [`Bearer ${head}.${payload}`, ...notValid],
    [`Bearer ${head}.${payload}.${signature.slice(0, -4)}`, ...notValid],
    [`Bearer ${head}.${forBob}.${signature}`, ...notValid],
    [`Bearer ${none}.${payload}.`, ...notValid],
    [`Bearer ${none}.${payload}.${signature}`, ...notValid],
    [`Bearer ${await signed(new Uint8Array(32))}`, ...notValid],
    [`Bearer ${await signed(key, "HS512")}`, ...notValid],
    [`Bearer ${await signed(key, "HS256", "01ARZ3NDEKTSV4RRFFQ69G5FAV")}`, ...notValid],
    [`Bearer ${expired}`, 401, "This token has expired."],
    [`Bearer ${revoked}`, 401, "This token has been revoked."],
    [`Bearer ${disabled}`, ...gone],
    [`Bearer ${deleted}`, ...notValid],
  ];
  for (const [authorization, status, message] of cases) {
    const headers: HeadersInit = authorization === undefined ? {} : { authorization };
    const answer = await ask(server, "/me", { headers });
    assert.deepEqual([answer.status, answer.json], [status, { message }], authorization?.slice(0, 80));
    assert.equal(answer.headers.get("www-authenticate"), status === 401 ? 'Bearer realm="parley"' : null);
  }
  assert.equal((await ask(server, "/me", { headers: { authorization: `bearer   ${good}` } })).status, 200);
  assert.equal(
    (await get(server, `/me?access_token=${good}`)).status,
    401,
    "tokens in addresses end in logs",
  );
  assertNoErrors(server);
});

Deno.test("revoking a token closes the connections that came in by it within a second, and no other", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  await server.hasAccount("bob");
  const [eve] = await server.guests("eve");
  const kept = await server.tokenOf("ann");
  const lost = await server.tokenOf("ann");
  const byLost = [await server.connect("tls"), await server.connect()];
  const byKept = await server.connect();
  for (
    const [person, token] of [[byLost[0]!, lost], [byLost[1]!, `/token ${lost}`], [byKept, kept]] as const
  ) {
    await person.readsUpTo("Enter your username: ");
    await person.types(token);
    await person.isWelcomed();
  }
  const byPassword = await server.member("ann");
  await eve.reads("ann has joined the chat.");
  const tokens = (await get(server, "/me/tokens", kept)).json as { id: string; current: boolean }[];
  const { id } = tokens.find(({ current }) => !current)!;

  const foreign = await ask(server, `/me/tokens/${id}`, {
    method: "DELETE",
    token: await server.tokenOf("bob"),
  });
  assertRefused(foreign, 404, "somebody else's token");
  const before = performance.now();
  const { status, json } = await ask(server, `/me/tokens/${id}`, { method: "DELETE", token: kept });
  assert.deepEqual([status, json], [200, { message: "Token revoked." }]);
  for (const person of byLost) {
    await person.reads("New login from 127.0.0.1 by netcat.");
    assert.equal(await person.readsToTheEnd(), "This token has been revoked.\n");
  }
  assert.ok(performance.now() - before < 1_000, `${performance.now() - before} ms`);

  await byKept.types("still here");
  for (const person of [eve, byPassword]) await person.reads("ann: still here"); // and nothing before it
  assertRefused(await ask(server, `/me/tokens/${id}`, { method: "DELETE", token: kept }), 404, "twice");
  const late = await server.connect();
  await late.readsUpTo("Enter your username: ");
  await late.types(lost);
  await late.reads("This token has been revoked.");
});

Deno.test("a token that is revoked while somebody comes in by it lets nobody stay", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await server.hasAccount("ann");
  for (let round = 0; round < 6; round++) {
    const token = await server.tokenOf("ann");
    const people = await Promise.all(Array.from({ length: 16 }, () => server.connect()));
    for (const person of people) await person.readsUpTo("Enter your username: ");
    const revoking = post(server, "/logout", undefined, { token });
    for (const person of people) {
      await person.types(token);
      await new Promise((resolve) => setTimeout(resolve)); // each at another moment of the revoking
    }
    assert.equal((await revoking).status, 200);
    for (const person of people) {
      await person.readsUpTo("This token has been revoked.\n"); // whether in by then or not
      await person.vanishes();
    }
  }
});

Deno.test("logging out ends the token and its connections", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const ann = await server.connect();
  await ann.readsUpTo("Enter your username: ");
  await ann.types(token);
  await ann.isWelcomed();
  const { status, json } = await post(server, "/logout", undefined, { token });
  assert.deepEqual([status, json], [200, { message: "Logged out." }]);
  assert.equal(await ann.readsToTheEnd(), "This token has been revoked.\n");
  assertRefused(await post(server, "/logout", undefined, { token }), 401, "twice");
});

Deno.test("a new password ends all other tokens and the old password, and keeps the token that changed it", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await server.hasAccount("ann");
  const mine = await server.tokenOf("ann");
  const stolen = await server.tokenOf("ann");
  const thief = await server.connect();
  await thief.readsUpTo("Enter your username: ");
  await thief.types(stolen);
  await thief.isWelcomed();
  const knower = await server.member("ann");
  const change = (current_password: string, password: string) =>
    post(server, "/me/password", { current_password, password }, { token: mine });

  const wrong = await change("wrong horse", "another horse");
  assert.deepEqual([wrong.status, wrong.json], [403, { message: "Wrong password; nothing was changed." }]);
  const short = await change(PASSWORD, "short");
  assert.deepEqual([short.status, short.json], [400, { message: "Passwords are 8 to 1024 bytes long." }]);
  assert.equal((await get(server, "/me", stolen)).status, 200);

  const done = await change(PASSWORD, "another horse");
  assert.deepEqual([done.status, done.json], [200, { message: "Password changed." }]);
  await thief.reads("New login from 127.0.0.1 by netcat.");
  assert.equal(await thief.readsToTheEnd(), "This token has been revoked.\n");
  assert.equal(
    await knower.readsToTheEnd(),
    "This account was logged out everywhere; log in again.\n",
    "who came in by the old password",
  );
  assert.equal((await get(server, "/me", stolen)).status, 401);
  assert.equal((await get(server, "/me", mine)).status, 200);
  assert.equal((await post(server, "/login", { username: "ann", password: PASSWORD })).status, 401);
  assert.equal((await post(server, "/login", { username: "ann", password: "another horse" })).status, 200);
});

Deno.test("an account is shown without its password, and takes another name", async () => {
  await using server = await startServer();
  await post(server, "/signup", { username: "ann@example.org", password: PASSWORD, name_account: "Ann" });
  await server.hasAccount("bob");
  const token = await server.tokenOf("ann@example.org");
  const me = await get(server, "/me", token);
  assert.match(
    me.text,
    /^\{"_id":"[0-9A-Z]{26}","username":"ann@example\.org","name_account":"Ann","role":"member","created_at":"[^"]+Z"\}$/,
  );
  const [eve] = await server.guests("eve");
  const ann = await server.member("ann@example.org");
  await eve.reads("Ann has joined the chat.");
  const rename = (name_account: string) =>
    ask(server, "/me", { method: "PATCH", body: { name_account }, token });
  for (const name of ["bob", "BOB", "b0b", eve.name, eve.name.toUpperCase(), "admin"]) {
    const { status, json } = await rename(name);
    assert.deepEqual([status, json], [400, { message: "That name is taken." }], name);
  }
  assert.equal((await rename("Anna")).json.name_account, "Anna");
  await eve.reads("Ann is now called Anna.");
  await ann.readsUntil("Ann is now called Anna.");
  await ann.types("it is me");
  await eve.reads("Anna: it is me");
});

Deno.test("further tokens are labelled, last as long as asked for, and are shown once only", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const issue = (body?: unknown) => post(server, "/me/tokens", body, { token });
  const bot = await issue({ label: "my bot", days: 2 });
  assert.equal(bot.status, 200);
  assert.deepEqual(Object.keys(bot.json), [
    ...["id", "label", "scope", "issued_at", "expires_at", "revoked", "current"],
    ...["from", "how", "last_used_at", "last_used_from", "last_used_by", "token"],
  ]);
  const lastsMs = Date.parse(bot.json.expires_at) - Date.parse(bot.json.issued_at);
  assert.equal(lastsMs, 2 * 86_400_000);
  assert.equal((await get(server, "/me", bot.json.token)).json.username, "ann");
  assert.equal((await issue()).json.label, "api");
  assert.equal((await issue({ label: "\u001b[2J\u009b31mred\u202e" })).json.label, "[2J31mred");
  for (
    const body of [{ days: 0 }, { days: 366 }, { days: 1.5 }, { days: "2" }, { label: "" }, {
      label: "x".repeat(65),
    }]
  ) {
    assertRefused(await issue(body), 400, JSON.stringify(body));
  }
  const { text, json } = await get(server, "/me/tokens", token);
  assert.deepEqual(json.map(({ label }: { label: string }) => label), [
    "login",
    "my bot",
    "api",
    "[2J31mred",
  ]);
  assert.ok(!text.includes(bot.json.token) && !text.includes("eyJ"), "a token was shown again");
});

Deno.test("ids that no token can have are not found", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  for (
    const id of ["x", "x".repeat(5_000), "%1b%5b2J", "%zz", "%00", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "\ufdfa"]
  ) {
    assertRefused(await ask(server, `/me/tokens/${id}`, { method: "DELETE", token }), 404, id.slice(0, 20));
  }
  assertNoErrors(server);
});

Deno.test("an unknown account and a wrong password are alike in answer and in time", async () => {
  await using server = await startServerAtFullCost("--logins-per-minute=off");
  await server.hasAccount("ann");
  const timesMs = { ann: [] as number[], nobody: [] as number[] };
  const answers = new Set<string>();
  for (let round = 0; round < 9; round++) {
    for (const username of ["ann", "nobody"] as const) {
      const start = performance.now();
      const { status, text, headers } = await post(server, "/login", { username, password: "wrong horse" });
      timesMs[username].push(performance.now() - start);
      const others = [...headers].filter(([name]) => name !== "date");
      answers.add(JSON.stringify([status, text, others]));
    }
  }
  assert.equal(answers.size, 1, [...answers].join("\n"));
  const ratio = Math.min(...timesMs.ann) / Math.min(...timesMs.nobody); // with as little other work as there was
  assert.ok(
    ratio > 0.6 && ratio < 1.7,
    `a wrong password takes ${ratio} times as long as an unknown account`,
  );
});

Deno.test("logins are limited to ten a minute, and the answer says how long to wait", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  for (let attempt = 0; attempt < 10; attempt++) {
    assert.equal((await post(server, "/login", { username: "ann", password: "wrong horse" })).status, 401);
  }
  const { status, json, headers } = await post(server, "/login", { username: "ann", password: PASSWORD });
  assert.equal(status, 429);
  const seconds = Number(headers.get("retry-after"));
  assert.deepEqual(json, { message: `Too many attempts. Try again in ${seconds} s.` });
  assert.ok(seconds > 0 && seconds <= 60, `${seconds} s`);
});

Deno.test("sign-up can be closed or by invitation only; who has an account logs in all the same", async () => {
  const sentences = {
    closed: "Sign-up is closed here. Ask an admin of this server for an account.",
    invite: "Sign-up is by invitation only here. Give the code of yours.",
  };
  for (const [policy, message] of Object.entries(sentences)) {
    await using server = await startServer(`--signup=${policy}`);
    const answer = await post(server, "/signup", ANN);
    assert.deepEqual([answer.status, answer.json], [403, { message }]);
    await using records = await recordsOf(server);
    await records.accounts.signUp({ username: "ann", name: "ann", password: PASSWORD });
    assert.deepEqual((await post(server, "/signup", ANN)).json, { message }, "tells who has an account");
    assert.equal((await post(server, "/login", ANN)).status, 200);
  }
});

Deno.test("names that differ in case or look alike are one name", async () => {
  await using server = await startServer();
  const signUp = async (username: string, name_account: string) => {
    const { status, json } = await post(server, "/signup", { username, password: PASSWORD, name_account });
    return status === 200 ? "made" : json.message;
  };
  assert.equal(await signUp("alice", "Bill"), "made");
  const exists = "User already exists", taken = "That name is taken.";
  for (
    const username of ["alice", "ALICE", "Alice", "aIice", "a1ice", "ａｌｉｃｅ", "bill", "BILL", "bi11"]
  ) {
    assert.equal(await signUp(username, "somebody"), exists, username);
  }
  for (const name of ["bill", "BILL", "BiII", "bi1l", "alice", "AlICE"]) {
    assert.equal(await signUp("somebody", name), taken, name);
  }
  assert.equal(await signUp("al@example.org", "al"), "made");
  for (const username of ["AL@example.org", "al@EXAMPLE.ORG"]) {
    assert.equal(await signUp(username, "other"), exists);
  }
  assert.equal(
    await signUp("аlice", "other"), // the first letter is Cyrillic
    "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or .",
  );
});

Deno.test("a hundred sign-ups of one name at a time make exactly one account", async () => {
  await using server = await startServerAtFullCost();
  const answers = await Promise.all(
    Array.from(
      { length: 100 },
      (_, index) =>
        post(server, "/signup", {
          username: index % 2 === 0 ? "ann" : "ANN",
          password: PASSWORD,
          name_account: "Ann",
        }),
    ),
  );
  const made = answers.filter(({ status }) => status === 200);
  assert.equal(made.length, 1);
  for (const answer of answers) {
    if (answer.status === 503) {
      assert.match(answer.json.message, /^The server is checking too many passwords/);
    } else if (answer !== made[0]) {
      assert.deepEqual([answer.status, answer.json], [400, { message: "User already exists" }]);
    }
  }
  await using records = await recordsOf(server);
  const accounts = await Array.fromAsync(records.accounts.list());
  assert.deepEqual(accounts.map(({ id }) => id), [made[0]!.json._id]);
  assert.equal((await post(server, "/login", { username: "ann", password: PASSWORD })).status, 200);
});

Deno.test("a flood of log-ins is turned away past a bound, and people chat on meanwhile", async () => {
  await using server = await startServerAtFullCost("--logins-per-minute=off", "--rate=off");
  const [ann, bob] = await server.guests("ann", "bob");
  let flooding = true;
  const flood = Promise.all(
    Array.from({ length: 150 }, () => post(server, "/login", { username: "nobody", password: PASSWORD })),
  ).finally(() => flooding = false);
  const tripsMs: number[] = [];
  while (flooding) {
    const start = performance.now();
    await ann.types("are you there?");
    await bob.reads(`${ann.name}: are you there?`);
    tripsMs.push(performance.now() - start);
  }
  const statuses = Map.groupBy(await flood, ({ status }) => status);
  assert.deepEqual([...statuses.keys()].sort(), [401, 503]);
  const checked = statuses.get(401)!.length;
  assert.ok(checked <= 80, `${checked} passwords were queued`);
  for (const { json } of statuses.get(503)!) {
    assert.deepEqual(json, {
      message: "The server is checking too many passwords just now. Try again in a few seconds.",
    });
  }
  // were passwords hashed in between, each message would wait for several of them
  assert.ok(
    tripsMs.length > checked / 2,
    `${tripsMs.length} messages while ${checked} passwords were checked`,
  );
  assert.equal((await post(server, "/login", { username: "nobody", password: PASSWORD })).status, 401);
});

Deno.test("huge names cost the server nothing, as often as they come", async () => {
  await using server = await startServer("--logins-per-minute=1");
  await post(server, "/login", ANN); // the only attempt of this minute
  const huge = "\ufdfa".repeat(20_000); // each is 18 letters when names are compared
  const bodies = [{ ...ANN, username: huge }, { ...ANN, name_account: huge }];
  const calls = ["/login", "/signup", "/setup"].flatMap((path) =>
    bodies.map((body) => [path, body] as const)
  );
  const start = performance.now();
  const answers = await Promise.all(
    [calls, calls, calls, calls].flat().map(([path, body]) => post(server, path, { ...body, code: "x" })),
  );
  const tookMs = performance.now() - start;
  for (const { status, text } of answers) assert.ok(status >= 400 && status < 500, text);
  assert.ok(tookMs < 800, `${tookMs} ms`);
});

Deno.test("whoever has the setup code becomes the first admin, once", async () => {
  await using server = await startServer();
  const code = server.parley.setupCode!;
  const wrong = await post(server, "/setup", { code: code.slice(1) + "x", ...ANN });
  assert.deepEqual(
    [wrong.status, wrong.json],
    [403, { message: "This setup code is not valid; the server prints a new one at each start." }],
  );
  const bad = await post(server, "/setup", { code, ...ANN, password: "short" });
  assertRefused(bad, 400, "a bad password does not use up the code");
  const answers = await Promise.all(
    ["ann", "bob", "carl"].map((name) =>
      post(server, "/setup", { code, username: name, password: PASSWORD, name_account: name })
    ),
  );
  const admins = answers.filter(({ status }) => status === 200);
  assert.equal(admins.length, 1);
  const [{ json }] = admins as [Answer];
  assert.deepEqual(Object.keys(json), ["_id", "username", "password", "name_account", "role"]);
  assert.deepEqual([json.password, json.role], ["********", "admin"]);
  const late = await post(server, "/setup", {
    code,
    username: "dora",
    password: PASSWORD,
    name_account: "dora",
  });
  assert.deepEqual([late.status, late.json], [403, { message: "This server has an admin already." }]);
  await server.restart();
  assert.equal(server.parley.setupCode, undefined);
});

Deno.test("no password, token or code is ever echoed or logged", async () => {
  await using server = await startServer("--logins-per-minute=off");
  const secrets = {
    password: "hunter2-in-the-clear",
    wrong: "wrong-in-the-clear",
    next: "next-in-the-clear",
  };
  const answers = [
    await post(server, "/signup", { ...ANN, password: secrets.password }),
    await post(server, "/signup", { ...ANN, password: secrets.password }),
    await post(server, "/signup", `{"username":"bob","password":"${secrets.password}","name_account":"bob",`),
    await post(server, "/signup", {
      username: secrets.password,
      password: secrets.password,
      name_account: "x y",
    }),
    await post(server, "/login", { username: "ann", password: secrets.wrong }),
    await post(server, "/login", { username: secrets.wrong, password: secrets.wrong }),
    await post(server, "/setup", { ...ANN, password: secrets.password, code: secrets.wrong }),
  ];
  const login = await post(server, "/login", { username: "ann", password: secrets.password });
  const token = login.json["Access Token"];
  const further = await post(server, "/me/tokens", { label: "bot" }, { token });
  const connected = await server.connect();
  await connected.readsUpTo("Enter your username: ");
  await connected.types(token);
  await connected.isWelcomed();
  const change = (current_password: string) =>
    post(server, "/me/password", { current_password, password: secrets.next }, { token });
  answers.push(
    await get(server, "/me", token),
    await get(server, "/me/tokens", token),
    await get(server, `/nowhere/${token}`),
    await change(secrets.wrong),
    await change(secrets.password),
    await ask(server, `/me/tokens/${further.json.id}`, { method: "DELETE", token }),
    await post(server, "/logout", undefined, { token }),
    await get(server, "/me", token),
  );
  const hidden = [...Object.values(secrets), token, further.json.token, server.parley.setupCode!];
  const said = [...answers, login, further].map(({ text, headers }) => text + JSON.stringify([...headers]));
  const known = said.map((text) =>
    text.replace(`"Access Token":"${token}"`, "").replace(further.json.token, "")
  );
  for (const secret of hidden) {
    for (const text of [...known, ...server.logged]) assert.ok(!text.includes(secret), text);
  }
});

Deno.test("what is no HTTP gets a 4xx without a word of ours or with a message, and the server stays up", async () => {
  await using server = await startServer();
  const host = "Host: localhost\r\n";
  const close = `${host}Connection: close\r\n\r\n`;
  const requests = [
    `GET // HTTP/1.1\r\n${close}`,
    `GET //evil.example/me HTTP/1.1\r\n${close}`,
    `GET /%zz HTTP/1.1\r\n${close}`,
    `GET /%ff%fe HTTP/1.1\r\n${close}`,
    `DELETE /me/tokens/%zz HTTP/1.1\r\n${close}`,
    `GET /nowhere?${"a=b&".repeat(15_000)} HTTP/1.1\r\n${host}X: \x80\xff\r\nConnection: close\r\n\r\n`,
    `GET /${"a".repeat(60_000)} HTTP/1.1\r\n${close}`,
    `GET /${"a".repeat(500_000)} HTTP/1.1\r\n${close}`,
    `GET healthz HTTP/1.1\r\n${close}`,
    `OPTIONS * HTTP/1.1\r\n${close}`,
    `CONNECT localhost:22 HTTP/1.1\r\n${close}`,
    `TRACE /healthz HTTP/1.1\r\n${close}`,
    `get /healthz HTTP/1.1\r\n${close}`,
    `FOO /login HTTP/1.1\r\n${close}`,
    `GET /ws HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n`,
    "garbage\r\n\r\n",
    "\0\x01\x02\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "GET /healthz HTTP/9.9\r\n\r\n",
    `GET /healthz HTTP/1.1\r\n${"X-A: b\r\n".repeat(2_000)}${close}`,
    `GET /healthz HTTP/1.1\r\nX-A: ${"b".repeat(500_000)}\r\n${close}`,
    `GET /healthz HTTP/1.1\r\nX-A: a\0b\r\n${close}`,
    `GET /healthz HTTP/1.1\r\nX-A : b\r\n${close}`,
    `POST /login HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n${close}0\r\n\r\n`,
    `POST /login HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n${close}{}`,
    `POST /login HTTP/1.1\r\nContent-Length: -1\r\n${close}`,
    `POST /login HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n${close}`,
  ];
  for (const request of requests) {
    const answer = await sendRaw(server, latin1(request));
    const what = JSON.stringify(request.slice(0, 60));
    const [, status, head, body] = /^HTTP\/1\.[01] (4\d\d) [^\r]*\r\n(.*?)\r\n\r\n(.*)$/s.exec(answer) ??
      assert.fail(`${what}: ${answer.slice(0, 200)}`);
    if (body === "") assert.equal(status, "400", what); // what the HTTP library says to what is no request
    else {
      assert.match(head!, /^content-type: application\/json/im, what);
      assert.deepEqual(Object.keys(JSON.parse(body!)), ["message"], what);
    }
  }
  assert.equal((await get(server, "/healthz")).status, 200);
  assertNoErrors(server);
});

Deno.test("the certificate can be fetched and verified with; health tells that the database answers", async () => {
  await using server = await startServer();
  const pem = await get(server, "/cert.pem");
  assert.equal(pem.headers.get("content-type"), "application/x-pem-file");
  assert.equal(pem.text, server.parley.certificate.certPem);
  assert.doesNotMatch(pem.text, /PRIVATE/);
  const health = await overTls(server, "/healthz");
  assert.deepEqual([health.status, health.json.status], [200, "ok"]);
});

interface Answer {
  readonly status: number;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly json: any;
  readonly headers: Headers;
}

interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: HeadersInit;
}

/** Calls the loopback port. Texts, bytes and streams go as they are, all else as JSON. */
async function ask(server: TestServer, path: string, asked: Asked = {}): Promise<Answer> {
  const answer = await read(await server.http(path, requestOf(asked)));
  checkDocumented({
    method: asked.method ?? "GET",
    path,
    type: answer.headers.get("content-type"),
    ...answer,
  });
  return answer;
}

function get(server: TestServer, path: string, token?: string): Promise<Answer> {
  return ask(server, path, { token });
}

function post(server: TestServer, path: string, body?: unknown, asked: Asked = {}): Promise<Answer> {
  return ask(server, path, { ...asked, method: "POST", body });
}

/** Calls the HTTPS port, as somebody who knows the certificate. */
async function overTls(server: TestServer, path: string): Promise<Answer> {
  using client = Deno.createHttpClient({ caCerts: [server.parley.certificate.certPem] });
  return await read(
    await fetch(`https://localhost:${server.parley.addresses.https!.port}${path}`, { client }),
  );
}

function requestOf({ method, body, token, headers }: Asked): RequestInit {
  const all = new Headers(headers);
  if (token !== undefined) all.set("authorization", `Bearer ${token}`);
  const raw = body === undefined || typeof body === "string" || body instanceof Uint8Array ||
    body instanceof ReadableStream;
  return { method, headers: all, body: raw ? body as BodyInit | undefined : JSON.stringify(body) };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const { status, headers } = response;
  const isJson = headers.get("content-type")?.startsWith("application/json") && text !== "";
  return { status, text, headers, json: isJson ? JSON.parse(text) : undefined };
}

/** A refusal is JSON with a message that is a sentence, and nothing else. */
function assertRefused({ status, text, headers, json }: Answer, expected: number, what: string): void {
  assert.equal(status, expected, `${what}: ${text}`);
  assert.match(headers.get("content-type") ?? "", /^application\/json/, what);
  assert.deepEqual(Object.keys(json), ["message"], what);
  assert.match(json.message, /^[A-Z].*[.a-z]$/, what);
}

/** What clients do is never the server's failure. */
function assertNoErrors(server: TestServer): void {
  assert.deepEqual(server.logged.filter((line) => JSON.parse(line).level === "error"), []);
}

/** Sends bytes to the loopback port and answers all that comes until the server closes. */
async function sendRaw(server: TestServer, data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  using conn = await connectRaw(server);
  const sending = writeAll(conn, typeof data === "string" ? new TextEncoder().encode(data) : data);
  let answer = "";
  const buffer = new Uint8Array(16_384);
  const decoder = new TextDecoder();
  for (;;) {
    const count = await conn.read(buffer).catch(() => null); // a reset is an end, too
    if (count === null) break;
    answer += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  await sending;
  return answer;
}

/** Writes for as long as the server reads. */
async function writeAll(conn: Deno.Conn, data: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    for (let rest = data; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
  } catch {
    // it answers before it has read all, and closes
  }
}

function connectRaw(server: TestServer): Promise<Deno.Conn> {
  const { port } = server.parley.addresses.http!;
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** The records of a running server, as the commands of the CLI open them. */
async function recordsOf(server: TestServer): Promise<Records> {
  const silent = new Log("json", (bytes) => Promise.resolve(bytes.length));
  return await openRecords(await DataDirectory.open(server.dataDir), silent);
}

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values);
}

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function base64url(part: object): string {
  return new TextEncoder().encode(JSON.stringify(part)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

function readPart(part: string): object {
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })));
}

Deno.test("a page from elsewhere cannot make its reader's browser sign up or log in", async () => {
  await using server = await startServer();
  const body = JSON.stringify({ username: "ann", password: "correct horse", name_account: "ann" });
  const { port } = server.parley.addresses.http!;
  for (const origin of ["https://evil.example", "null", `http://127.0.0.1:${port + 1}`]) {
    const response = await server.http("/signup", { method: "POST", body, headers: { origin } });
    assert.equal(response.status, 403, origin);
    assert.deepEqual(await response.json(), { message: "Requests from other sites' pages are not taken." });
  }
  const own = { origin: `http://127.0.0.1:${port}` };
  const response = await server.http("/signup", { method: "POST", body, headers: own });
  assert.equal(response.status, 200);
  await response.body?.cancel();
});
