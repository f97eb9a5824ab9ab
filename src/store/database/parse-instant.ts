// As PostgreSQL writes it in DateStyle ISO. Of instants from before there were time zones the offset has seconds.
const ISO = /^(\S{10}) (\S+)([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/;

/**
 * The instant that PostgreSQL has written, of the years 1 to 9999, whatever the session's time zone. Throws an Error for
 * another DateStyle: a pooler may keep the session's own settings from it, and a time that is guessed would be stored and exported.
 */
export function parseInstant(text: string): Date {
  if (text.endsWith("+00")) return inUtc(text.slice(0, 10), text.slice(11, -3));
  const [, day = "", time = "", sign, hours = 0, minutes = 0, seconds = 0] = ISO.exec(text) ?? [];
  const local = inUtc(day, time);
  if (sign === undefined || Number.isNaN(local.getTime())) {
    throw new Error(
      "The database writes instants in another style than ISO: run ALTER ROLE … SET DateStyle = 'ISO' for the account that DATABASE_URL names.",
    );
  }
  const offset = 1000 * (3600 * Number(hours) + 60 * Number(minutes) + Number(seconds));
  return new Date(local.getTime() - (sign === "-" ? -offset : offset));
}

// The one form that parses for every one of these years.
function inUtc(day: string, time: string): Date {
  return new Date(`${day}T${time}Z`);
}
