import { expect, test } from "vitest";

import { createCachedAsset } from "../../src/http/cached-asset.ts";

test("a page that could not be made is made at the next request, and then kept", async () => {
  let made = 0;
  const answer = createCachedAsset({
    contentType: "text/plain",
    async render() {
      made += 1;
      if (made === 1) throw new Error("EMFILE: too many open files");
      return `made ${made} times`;
    },
  });
  await expect(Promise.all([answer({}), answer({})])).rejects.toThrow("EMFILE");
  for (let asked = 0; asked < 2; asked += 1) {
    expect(await answer({})).toMatchObject({ status: 200, body: Buffer.from("made 2 times") });
  }
});
