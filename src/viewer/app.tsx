import { useMemo, useState } from "preact/hooks";

import { ClientContext, createClient } from "./graph/client.ts";
import { ListPane } from "./list-pane.tsx";
import { NavigationContext, useLocation } from "./place/use-place.ts";
import { keepSession, readSession, type Session, type SignInCode } from "./session/session.ts";
import { SignIn } from "./session/sign-in.tsx";
import { type Pages, Shell } from "./shell.tsx";
import { Transcript } from "./transcript/transcript.tsx";
import { useKeys } from "./use-keys.ts";

/** The page: the list of conversations with the open one beside it, or what asks for a key. */
export function App({ pages }: { pages: Pages }) {
  const navigation = useLocation();
  useKeys(navigation);
  const [session, setSession] = useState(readSession);
  const [refusal, setRefusal] = useState<SignInCode | null>(null);
  const client = useMemo(() => createClient(session, setRefusal), [session]);
  const begin = (next: Session) => {
    keepSession(next);
    setSession(next);
    setRefusal(null);
  };
  const { conversation, turn } = navigation.place;
  return (
    <NavigationContext.Provider value={navigation}>
      <ClientContext.Provider value={client}>
        {refusal !== null ? (
          <SignIn session={session} refusal={refusal} onSubmit={begin} />
        ) : (
          <Shell
            pages={pages}
            session={session}
            onForget={() => begin({ key: "", user: "" })}
            list={<ListPane />}
            transcript={
              conversation !== "" && <Transcript key={conversation} conversation={conversation} turn={turn || null} />
            }
          />
        )}
      </ClientContext.Provider>
    </NavigationContext.Provider>
  );
}
