import { cpuUsage } from "node:process";
import { SearchDatabase } from "./server/store/_search_database.ts";
import { encodeTime } from "ulid";
const path = Deno.args[0]; const fresh = Deno.args[1] === "build";
const db = new SearchDatabase(path, { anew: fresh });
const weights = new Float64Array(1e5); for (let i = 0, s = 0; i < 1e5; i++) weights[i] = s += 1 / (i + 2.7);
let seed = 12345; const random = () => (seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32;
const rank = () => { const x = random() * weights[99999]; let lo = 0, hi = 99999; while (lo < hi) { const m = (lo + hi) >> 1; if (weights[m] < x) lo = m + 1; else hi = m; } return lo; };
if (fresh) { let t = Date.UTC(2025, 0, 1); let batch: any[] = []; const a = performance.now(); let add = 0, mx = 0;
for (let i = 0; i < 1e6; i++) { t += Math.floor(random() * 15600); const ws = ["everywhere", i % 2 ? "odd" : "even"]; for (let k = 4 + Math.floor(random() * 14); k > 0; k--) ws.push("w" + rank().toString(36)); batch.push({ id: encodeTime(t) + String(Math.floor(random() * 1e9)).padStart(16, "0"), place: "#room" + Math.floor(random() * 20), text: ws.join(" ") }); if (batch.length === 500) { const b = performance.now(); db.add(batch, "x"); const d = performance.now() - b; add += d; mx = Math.max(mx, d); batch = []; } }
console.log("build", performance.now() - a, "add", add, mx); 
const b = performance.now(); if (Deno.args[2]) { (db as any); let n; while ((n = db.tidy()) === 0); console.log("tidy", performance.now() - b, n); } }
const rooms = Array.from({ length: 20 }, (_, i) => "#room" + i);
const W = (n: number) => Array.from({ length: n }, (_, i) => "w" + i.toString(36)).join(" ");
for (const q of ["everywhere", "odd even", W(8), W(6), W(4), "w40 w50", "w1z"]) { const t: number[] = []; let n = 0; const c0 = cpuUsage(); for (let i = 0; i < 40; i++) { const a = performance.now(); n = db.find({ words: q, places: rooms, limit: 50 }).length; t.push(performance.now() - a); } const c = cpuUsage(c0); t.sort((a, b) => a - b); console.log(q.padEnd(26), t[20].toFixed(1), t[38].toFixed(1), t[39].toFixed(1), n, "cpu", ((c.user + c.system) / 40000).toFixed(1)); }
