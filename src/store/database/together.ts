/**
 * The results of statements that are sent together, and so take one round trip, on the one connection of a transaction.
 * Settles when all of them have ended: none may come after the transaction's end. Rejects with the error of the first
 * that failed; those after it failed because of it.
 */
export async function together<const Statements extends readonly Promise<unknown>[]>(statements: Statements) {
  await Promise.allSettled(statements);
  return Promise.all(statements);
}
