import { render } from "preact";

import { App } from "./app.tsx";

const root = document.querySelector<HTMLElement>("#root");
if (root === null) throw new Error("The page has no root.");
render(<App pages={{ graphiql: root.dataset.graphiql === "true", docs: root.dataset.docs === "true" }} />, root);
