import { gzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { readInput } from "../harness/read-input.ts";

test.each([
  ["is packed twice: unpack it once", gzipSync(gzipSync("[]"))],
  ["is a Zstandard file: unpack it", Buffer.from("28b52ffd2000", "hex")],
  ["is an xz file: unpack it", Buffer.from("fd377a585a00", "hex")],
  ["is a bzip2 file: unpack it", Buffer.from("425a6839314159", "hex")],
])("a file that is packed in another way %s", async (problem, bytes) => {
  await expect(readInput(bytes)).rejects.toThrow(problem);
});
