import fc from "fast-check";

/** Draws random values one after the other, for what is too intertwined to be built of arbitraries. */
export interface Draw {
  from<Value>(arbitrary: fc.Arbitrary<Value>): Value;
  of<Value>(...values: readonly Value[]): Value;
  chance(probability: number): boolean;
  /** At least so many of the values, in their order. */
  some<Value>(values: readonly Value[], least: number): Value[];
  times<Value>(least: number, most: number, make: () => Value): Value[];
}

/** What is made of draws, as an arbitrary. */
export function drawing<Value>(make: (draw: Draw) => Value): fc.Arbitrary<Value> {
  return fc.gen().map((generate) => {
    const from = <Drawn>(arbitrary: fc.Arbitrary<Drawn>): Drawn => generate(() => arbitrary);
    const chance = (probability: number) => from(PERCENT) < probability * 100;
    return make({
      from,
      chance,
      of: (...values) => from(fc.constantFrom(...values)),
      some: (values, least) =>
        from(fc.subarray([...values], { minLength: Math.min(least, values.length), maxLength: values.length })),
      times: (least, most, make) => Array.from({ length: from(fc.integer({ min: least, max: most })) }, make),
    });
  });
}

const PERCENT = fc.integer({ min: 0, max: 99 });
