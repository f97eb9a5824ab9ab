import { type Answer, jsonAnswer } from "../http/answer.ts";
import type { Database } from "../store/database/client.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import { isMigrated } from "../store/schema/migrate.ts";

const DEADLINE_MS = 2000;

/**
 * Whether the server can answer: the database is reachable and has all migrations. 200 or 503, within two seconds. Tells
 * how the replicas are, without which it can answer just as well.
 */
export async function checkReadiness(database: Database, replicas: Replicas | null): Promise<Answer> {
  const [state, states] = await Promise.all([Promise.race([readState(database), deadline()]), replicas?.states()]);
  const ready = state.database === "ok" && state.migrations === "ok";
  return jsonAnswer(ready ? 200 : 503, { status: ready ? "ready" : "not ready", ...state, replicas: states });
}

type State = Record<"database" | "migrations", "ok" | "missing" | "unavailable" | "unknown">;

const UNAVAILABLE: State = { database: "unavailable", migrations: "unknown" };

async function readState(database: Database): Promise<State> {
  try {
    return { database: "ok", migrations: (await isMigrated(database)) ? "ok" : "missing" };
  } catch {
    return UNAVAILABLE;
  }
}

async function deadline(): Promise<State> {
  await new Promise((resolve) => setTimeout(resolve, DEADLINE_MS).unref());
  return UNAVAILABLE;
}
