/** What the processes of one server let each other know. */
export interface Broadcast<Value> {
  /** Resolves when every other process has taken the value, or is too busy to for a second. Never rejects. */
  send(value: Value): Promise<void>;
  /** Has the others' values taken from here, each as it comes. */
  receive(take: (value: Value) => void): void;
}
