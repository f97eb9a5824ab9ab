import { createRoot } from "react-dom/client";
import { Provider } from "urql";

import { createClient } from "./client.ts";
import { Inbox } from "./inbox.tsx";
import "./style.css";

const root = document.querySelector("#root");
if (root === null) throw new Error("The page has no root.");
createRoot(root).render(
  <Provider value={await createClient()}>
    <Inbox />
  </Provider>,
);
