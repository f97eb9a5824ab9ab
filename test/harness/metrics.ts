/** The value of each sample of a Prometheus text, by its name with labels. */
function parseMetrics(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** The metrics of the server now, by name with labels. */
export async function readMetrics(origin: string): Promise<Map<string, number>> {
  return parseMetrics(await (await fetch(`${origin}/metrics`)).text());
}
