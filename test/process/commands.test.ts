import { expect, test } from "vitest";

import { newDataFolder, postgresRuns } from "../harness/data-folder.ts";
import { countConversations, runProgram, startServer } from "../harness/program.ts";

test("commands that create the database at the same time share one, and the last one stops it", async () => {
  const folder = await newDataFolder();
  const migrate = () => runProgram(["migrate"], { DATA_DIR: folder });
  const outcomes = await Promise.all([migrate(), migrate(), migrate()]);
  expect(outcomes.map(({ status, stderr }) => ({ status, stderr }))).toEqual(Array(3).fill({ status: 0, stderr: "" }));
  const lines = outcomes.map(({ stdout }) => stdout.trim()).sort();
  expect(lines).toEqual([
    expect.stringMatching(/^applied \d+ migrations$/),
    "nothing to migrate",
    "nothing to migrate",
  ]);
  expect(postgresRuns(folder)).toBe(false);
});

test("a command works beside the server and leaves it running", async () => {
  const folder = await newDataFolder();
  const server = await startServer({ DATA_DIR: folder, SAMPLE_DATA: "0" });
  const seeded = await runProgram(["seed", "--conversations", "2"], { DATA_DIR: folder });
  expect(seeded).toMatchObject({ status: 0, stdout: "added 2 conversations (0 were there already)\n" });
  expect(await countConversations(server.url)).toBe(2);
  await server.stop("SIGTERM");
  expect(postgresRuns(folder)).toBe(false);
});

test("a server that ends while a command still works leaves the database to the command", async () => {
  const folder = await newDataFolder();
  const server = await startServer({ DATA_DIR: folder, SAMPLE_DATA: "0" });
  const seeding = runProgram(["seed", "--conversations", "400"], { DATA_DIR: folder });
  while ((await countConversations(server.url)) === 0);
  await server.stop("SIGTERM");
  expect(await seeding).toMatchObject({ status: 0, stdout: "added 400 conversations (0 were there already)\n" });
  expect(postgresRuns(folder)).toBe(false);
});

test("each command explains itself, and the settings", async () => {
  const program = await runProgram(["--help"], {});
  const names = [...program.stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name = ""]) => name);
  expect(names).toEqual(expect.arrayContaining(["serve", "migrate", "import", "export", "seed"]));
  const helps = await Promise.all(names.map((name) => runProgram([name, "--help"], {})));
  for (const help of helps) {
    expect(help).toMatchObject({ status: 0, stderr: "" });
    expect(help.stdout).toContain("Usage: npm ");
    expect(help.stdout).toContain("DATABASE_URL");
  }
});

test.each([
  [["nonsense"], 'No command "nonsense"'],
  [["import"], "import needs FILE"],
  [["migrate", "now"], 'Unexpected argument "now"'],
  [["keys", "create", "shop"], 'Unexpected argument "shop"'],
  [["keys", "list", "x"], 'Unexpected argument "x"'],
  [["migrate", "--force"], "Unknown option '--force'"],
])("the command line %j is refused with status 2", async (args, reason) => {
  const outcome = await runProgram(args, {});
  expect(outcome).toMatchObject({ status: 2, stdout: "" });
  expect(outcome.stderr).toMatch(/^.*--help.*\n$/);
  expect(outcome.stderr).toContain(reason);
});
