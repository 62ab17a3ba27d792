import { join } from "node:path";

/** The servers that Parley is compared with, as their programs are called. */
export const PROGRAMS = ["ngircd", "inspircd"] as const;

export type ProgramName = typeof PROGRAMS[number];

export interface Place {
  /** Where `cert.pem` and `key.pem` are. */
  readonly dir: string;
  /** Of TLS, on loopback; nothing else listens. */
  readonly port: number;
}

/**
 * Writes what makes a server take all that comes: no limits, no questions to other services, and nobody is asked for a
 * sign of life.
 *
 * @returns The arguments with which it stays in the foreground.
 */
export async function configure(name: ProgramName, place: Place): Promise<string[]> {
  const file = join(place.dir, `${name}.conf`);
  switch (name) {
    case "ngircd":
      await Deno.writeTextFile(file, ngircd(place));
      return ["--nodaemon", "--config", file];
    case "inspircd":
      await Deno.writeTextFile(file, inspircd(place));
      return ["--nofork", "--nolog", "--runasroot", `--config=${file}`];
  }
}

function ngircd({ dir, port }: Place): string {
  return ini({
    Global: {
      Name: "bench.test",
      Info: "Measured",
      Listen: "127.0.0.1",
      Ports: "",
      MotdPhrase: "Welcome",
    },
    Limits: { MaxConnections: 0, MaxConnectionsIP: 0, MaxJoins: 0, MaxPenaltyTime: 0, PingTimeout: 3_600 },
    Options: { DNS: "no", Ident: "no", PAM: "no" },
    SSL: { Ports: port, CertFile: join(dir, "cert.pem"), KeyFile: join(dir, "key.pem") },
  });
}

function inspircd({ dir, port }: Place): string {
  const many = "1000000";
  return [
    tag("config", { format: "xml" }),
    tag("server", { name: "bench.test", description: "Measured", network: "Bench", id: "1PB" }),
    tag("admin", { name: "nobody", nick: "nobody", email: "nobody@bench.test" }),
    tag("module", { name: "ssl_gnutls" }),
    tag("sslprofile", {
      name: "measured",
      provider: "gnutls",
      certfile: join(dir, "cert.pem"),
      keyfile: join(dir, "key.pem"),
    }),
    tag("bind", { address: "127.0.0.1", port: String(port), type: "clients", sslprofile: "measured" }),
    tag("connect", {
      name: "everybody",
      allow: "*",
      timeout: "60",
      pingfreq: "3600",
      fakelag: "no",
      resolvehostnames: "no",
      useident: "no",
      maxconnwarn: "no",
      localmax: many,
      globalmax: many,
      limit: many,
      maxchans: "100",
      threshold: many,
      commandrate: "1000000000",
      recvq: "1M",
      softsendq: "4M",
      hardsendq: "8M",
    }),
    tag("performance", { somaxconn: "4096", softlimit: many, quietbursts: "yes" }),
    tag("pid", { file: join(dir, "pid") }),
  ].join("\n");
}

function ini(sections: Record<string, Record<string, string | number>>): string {
  return Object.entries(sections).map(([section, values]) =>
    `[${section}]\n${Object.entries(values).map(([key, value]) => `${key} = ${value}\n`).join("")}`
  ).join("\n");
}

function tag(name: string, attributes: Record<string, string>): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  return `<${name}${written.join("")}>`;
}
