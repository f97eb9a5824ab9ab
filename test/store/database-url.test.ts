import { expect, test } from "vitest";

import { parseDatabaseUrl } from "../../src/store/database/database-url.ts";

test.each([
  ["postgres://localhost/db", "localhost", ["postgres://localhost/db"]],
  ["postgresql://u:p@h:6432/db?sslmode=require", "h:6432", ["postgresql://u:p@h:6432/db?sslmode=require"]],
  ["postgres://h", "h", ["postgres://h"]],
  ["postgres:///db", "", ["postgres:///db"]],
  ["postgres://u:p@h1:5432,h2:5433/db", "h1:5432,h2:5433", ["postgres://u:p@h1:5432/db", "postgres://u:p@h2:5433/db"]],
  ["postgres://h1,h2", "h1,h2", ["postgres://h1", "postgres://h2"]],
  ["postgres://[::1]:5432,[::2]/db", "[::1]:5432,[::2]", ["postgres://[::1]:5432/db", "postgres://[::2]/db"]],
  ["postgres://u:a,b@c,@h1,h2/db", "h1,h2", ["postgres://u:a,b%40c,@h1/db", "postgres://u:a,b%40c,@h2/db"]],
  ["postgres://u:a%2Fb@h1,h2?x=1", "h1,h2", ["postgres://u:a%2Fb@h1?x=1", "postgres://u:a%2Fb@h2?x=1"]],
])("%s has the hosts %s", (text, hosts, urls) => {
  expect(parseDatabaseUrl(text)).toEqual({ hosts, urls, target: null });
});

test("which host is asked for stands apart from what each is connected to with", () => {
  expect(parseDatabaseUrl("postgres://h1,h2/db?target_session_attrs=primary&sslmode=require")).toEqual({
    hosts: "h1,h2",
    urls: ["postgres://h1/db?sslmode=require", "postgres://h2/db?sslmode=require"],
    target: "primary",
  });
});

test.each([
  "",
  "postgres://",
  "mysql://h/db",
  "h1,h2",
  "postgres://h1,,h2/db",
  "postgres://h1,/db",
  "postgres://:5432,h2/db",
  "postgres://h1:5432:5433/db",
  "postgres://h1:99999,h2/db",
  "postgres://h1,h 2/db",
  "postgres://u:%zz@h/db",
  "postgres://h/db\npostgres://h/db",
])("%j is refused", (text) => {
  expect(parseDatabaseUrl(text)).toBeNull();
});
