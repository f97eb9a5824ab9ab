import type { ByteReader } from "../../store/database/executor.ts";
import { createByteBudget } from "../../store/read/byte-budget.ts";
import type { Context } from "../schema/context.ts";

/** Reads for one answer: rejects with LIMIT_EXCEEDED once its rows have more bytes than the answer may have. */
export function boundedReader(
  reader: ByteReader,
  { maxPageBytes, maxAnswerBytes }: Pick<Context, "maxPageBytes" | "maxAnswerBytes">,
): ByteReader {
  const budget = createByteBudget(maxPageBytes, maxAnswerBytes);
  return {
    async readBytes(statement) {
      const rows = await reader.readBytes(statement);
      for (const row of rows) for (const value of row) budget.take(value?.length ?? 0);
      return rows;
    },
  };
}
