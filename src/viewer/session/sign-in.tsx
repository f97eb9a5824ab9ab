import { useEffect, useRef } from "preact/hooks";

import type { Session, SignInCode } from "./session.ts";

interface Props {
  session: Session;
  refusal: SignInCode;
  onSubmit(session: Session): void;
}

/** Asks for a key and, for a key of access user, the user. */
export function SignIn({ session, refusal, onSubmit }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const isUserMissing = refusal === "MISSING_REQUIRED_HEADER";
  useEffect(() => field.current?.focus(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    // Safe cast: the form's submission is the only event that this listener gets.
    const given = new FormData(event.currentTarget as HTMLFormElement);
    onSubmit({ key: String(given.get("key")).trim(), user: String(given.get("user")).trim() });
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit} aria-labelledby="sign-in-title">
        <h1 id="sign-in-title">Conversations</h1>
        <p role="alert">{reasonFor(session, refusal)}</p>
        <label>
          Key, or token of a user
          <input
            ref={isUserMissing ? null : field}
            name="key"
            type="password"
            autocomplete="off"
            required
            defaultValue={isUserMissing ? session.key : ""}
          />
        </label>
        <label>
          User
          <input
            ref={isUserMissing ? field : null}
            name="user"
            autocomplete="off"
            spellcheck={false}
            required={isUserMissing}
            defaultValue={session.user}
            aria-describedby="user-hint"
          />
        </label>
        <p id="user-hint">The user whose conversations to show. A key of access project shows all without one.</p>
        <button type="submit">Show conversations</button>
        <p>Both are kept until this tab is closed, and sent to this server alone.</p>
      </form>
    </main>
  );
}

function reasonFor({ key }: Session, refusal: SignInCode): string {
  if (refusal === "MISSING_REQUIRED_HEADER") return "This key is for one user at a time: name the user.";
  return key === "" ? "This server asks for a key." : "This key is not valid, or not any more.";
}
