/** A rule that one record breaks. The message begins with the path of the field at fault; the other records go on. */
export class RecordError extends Error {
  override readonly name = "RecordError";

  constructor(path: string, problem: string) {
    super(path === "" ? problem : `${path}: ${problem}`);
  }
}

/** Why an input cannot be read any further: it ends the reading. */
export class InputError extends Error {
  override readonly name = "InputError";
}
