import { hostsOf } from "../store/database/database-url.ts";
import { codeOf, reasonOf } from "./reason.ts";

const ADVICE: Record<string, string> = {
  ECONNREFUSED: "Start PostgreSQL there, or correct the host and the port.",
  ENOTFOUND: "Correct the host.",
  EAI_AGAIN: "Correct the host, or see to the name service.",
  CONNECTION_CLOSED:
    "What listens there closes connections: correct the host and the port, or see to the balancer's servers.",
  CONNECT_TIMEOUT: "Correct the host and the port, or let this machine through.",
  SERVICE_UNAVAILABLE: "It does not answer: correct the host and the port, or let this machine through.",
  "28P01": "Correct the user and the password.",
  "28000": "Let the user in (pg_hba.conf), or ask for TLS with ?sslmode=require.",
  "3D000": "Create the database, or correct its name.",
  "53300": "Raise max_connections there, or lower POOL_SIZE.",
  "42501": "Grant it to the user.",
  "25006": "Name the primary, or all hosts of which one is: postgres://user:password@host1,host2/database.",
};

/**
 * The error that says why a database could not be reached, and what to do. Names the host only: the URL holds a
 * password.
 */
export function connectionFault(variable: string, url: string, cause: unknown): Error {
  const reason = reasonOf(cause).replace(/\.$/, "");
  const advice = ADVICE[codeOf(cause) ?? ""];
  return new Error(
    `${variable}: no connection to the database at ${hostsOf(url)}: ${reason}${advice === undefined ? "" : `. ${advice}`}`,
    { cause },
  );
}
