import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCommand } from "../harness/run-command.ts";
import { createImporter, type Importer, summary } from "./importer.ts";

// Each test starts a process, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

let importer: Importer;
let folder: string;

beforeAll(async () => {
  importer = await createImporter();
  folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await importer.close();
});

/** A pretty-printed document of 100 records, and the number of the first line with the text. */
function pretty(): { text: string; lineOf: (part: string) => number } {
  const records = Array.from({ length: 100 }, (_, index) => ({
    id: `c${index}`,
    reward: 1,
    messages: [{ role: "user", content: `said ${index}` }],
  }));
  const text = JSON.stringify(records, null, 2);
  return { text, lineOf: (part) => text.slice(0, text.indexOf(part)).split("\n").length };
}

test.each<[what: string, damage: (text: string) => string, place: string, problem: RegExp, kept: number]>([
  [
    "a comma too much",
    (text) => text.replace('"said 57"', '"said 57",'),
    '}\n    ]\n  },\n  {\n    "id": "c58"',
    /^Expected double-quoted property name$/,
    99,
  ],
  ["NaN", (text) => text.replace('"said 57"', "NaN"), '"said 57"', /^Unexpected token 'N'.* is not valid JSON$/, 99],
  [
    "a comma too few",
    (text) => text.replace(/,(\s*\{\s*"id": "c58")/, "$1"),
    '{\n    "id": "c58"',
    /^a comma is missing before \{$/,
    57,
  ],
])("%s deep in a document is named by its line", async (what, damage, place, problem, kept) => {
  const { text, lineOf } = pretty();
  const file = join(folder, `${what}.json`);
  await writeFile(file, damage(text));
  const { status, stdout, stderr } = await runCommand(importer.url, [
    "import",
    file,
    "--project",
    what.replaceAll(" ", "-"),
  ]);
  expect([status, stdout]).toEqual([1, summary(kept, kept, kept)]);
  const prefix = `${file}: line ${lineOf(place)}: is not JSON: `;
  expect(stderr.slice(0, prefix.length)).toBe(prefix);
  expect(stderr.slice(prefix.length).trimEnd()).toMatch(problem);
});

test("gzip is read, whatever the file is called; a broken one keeps what came before", async () => {
  const { text } = pretty();
  const packed = gzipSync(text);
  const whole = await importer.importText(packed);
  expect(whole).toMatchObject({ status: 0, stdout: summary(100, 100, 100), stderr: "" });
  const broken = await importer.importText(packed.subarray(0, packed.length / 2));
  expect([broken.status, broken.stderr]).toEqual([1, "-: is a broken gzip file: unexpected end of file\n"]);
});

test("UTF-16 and ZIP are named", async () => {
  const utf16 = Buffer.from('\ufeff[{"role":"user","content":"x"}]', "utf16le");
  for (const bytes of [utf16, utf16.subarray(2), utf16.swap16()]) {
    const { status, stderr } = await importer.importText(bytes);
    expect([status, stderr]).toEqual([1, "-: is UTF-16: save it as UTF-8\n"]);
  }
  const { stderr } = await importer.importText(Buffer.from("PK\u0003\u0004rest"));
  expect(stderr).toBe("-: is a ZIP archive: import the files in it\n");
});

test("NUL and half surrogates: refused with the option's name, and stored with it as U+FFFD, counted", async () => {
  const record = [{ role: "user", content: "ELF\u0000" }];
  const refused = await importer.importText(record);
  expect([refused.status, refused.stderr]).toEqual([
    1,
    "-: line 1: [0].content: holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)\n",
  ]);
  const image = [{ role: "user", content: [{ type: "image_url" }] }];
  const repaired = await importer.importText([record, image], "--repair");
  expect(repaired).toMatchObject({ status: 0, stdout: summary(2, 2, 2) });
  expect(repaired.stderr).toBe(
    "repaired: NUL or half of a surrogate pair, now U+FFFD, once\nleft out: part image_url, once\n",
  );
  expect(await importer.turns(repaired.project)).toEqual(["conv | user: ELF\ufffd", "conv | user: "]);
});

test("times are the records' own, and --created dates those that have none", async () => {
  const talk = (id: string, more: object) => ({ id, messages: [{ role: "user", content: "x" }], ...more });
  const { status, project } = await importer.importText(
    [
      talk("a", { created_at: 1_700_000_000 }),
      talk("b", { create_time: "2024-05-01T10:00:00+02:00" }),
      talk("c", {}),
      talk("d", {}),
    ],
    "--created",
    "2026-05-01T12:00:00Z",
  );
  expect(status).toBe(0);
  const rows = await importer.database.rows<{ line: string }>(sql`
    SELECT id || ' ' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') AS line FROM conversations
    WHERE project_id = ${project} ORDER BY id`);
  expect(rows.map(({ line }) => line)).toEqual([
    "a 2023-11-14 22:13:20.000",
    "b 2024-05-01 08:00:00.000",
    "c 2026-05-01 12:00:00.002",
    "d 2026-05-01 12:00:00.003",
  ]);
  const wrong = await importer.importText([], "--created", "yesterday");
  expect([wrong.status, wrong.stderr.includes("--created")]).toEqual([2, true]);
});
