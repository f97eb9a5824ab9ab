import { type Answer, jsonAnswer } from "../http/answer.ts";
import { problemAnswer } from "../http/problem-answer.ts";
import { READ_ONLY, sqlState } from "../model/errors.ts";
import type { Database } from "../store/database/client.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import { isInRecovery } from "../store/schema/inspect-database.ts";
import { isMigrated } from "../store/schema/migrate.ts";
import { READ, type Route, withHostCheck } from "./route.ts";
import type { Services } from "./services.ts";

const DEADLINE_MS = 2000;

/** Whether the process answers at all: always 200, without the database. */
export function createLiveRoute({ access }: Services): Route {
  const answer = async () => jsonAnswer(200, { status: "live" });
  return withHostCheck(access, { surface: "health", methods: READ, answer, fail: problemAnswer });
}

/**
 * Whether the server can answer: 200 or 503, within two seconds. Requests that come while the database is being asked share
 * its answer, so that callers cost one statement at a time.
 */
export function createReadyRoute({ access, database, replicas }: Services): Route {
  let check: Promise<Answer> | null = null;
  const answer = () => {
    check ??= checkReadiness(database, replicas).finally(() => {
      check = null;
    });
    return check;
  };
  return withHostCheck(access, { surface: "health", methods: READ, answer, fail: problemAnswer });
}

/**
 * Ready means that the database is reachable, no standby, and has all migrations. The state of the replicas is shown, but
 * does not decide: the server can answer without them.
 */
async function checkReadiness(database: Database, replicas: Replicas | null): Promise<Answer> {
  const [state, states] = await Promise.all([Promise.race([readState(database), deadline()]), replicas?.states()]);
  const ready = state.database === "ok" && state.migrations === "ok";
  return jsonAnswer(ready ? 200 : 503, { status: ready ? "ready" : "not ready", ...state, replicas: states });
}

type State = Record<"database" | "migrations", "ok" | "standby" | "missing" | "unavailable" | "unknown">;

const UNAVAILABLE: State = { database: "unavailable", migrations: "unknown" };
const STANDBY: State = { database: "standby", migrations: "unknown" };

async function readState(database: Database): Promise<State> {
  try {
    // Behind a pooler nothing else shows a standby before a write fails.
    if (await isInRecovery(database)) return STANDBY;
    return { database: "ok", migrations: (await isMigrated(database)) ? "ok" : "missing" };
  } catch (error) {
    return sqlState(error) === READ_ONLY ? STANDBY : UNAVAILABLE;
  }
}

async function deadline(): Promise<State> {
  await new Promise((resolve) => setTimeout(resolve, DEADLINE_MS).unref());
  return UNAVAILABLE;
}
