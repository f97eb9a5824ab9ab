/** The value of each sample of a Prometheus text, by its name and labels as they stand there. */
function parseMetrics(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** What the server exposes now. */
export async function readMetrics(origin: string): Promise<Map<string, number>> {
  return parseMetrics(await (await fetch(`${origin}/metrics`)).text());
}
