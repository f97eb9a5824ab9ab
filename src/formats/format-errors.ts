/** A record that breaks a rule. The message begins with the path of the field at fault; the other records are read. */
export class RecordError extends Error {
  override readonly name = "RecordError";

  constructor(path: string, problem: string) {
    super(path === "" ? problem : `${path}: ${problem}`);
  }
}

/** The reason why the rest of an input cannot be read. */
export class InputError extends Error {
  override readonly name = "InputError";
}
