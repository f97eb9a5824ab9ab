import type { Turn } from "./documents.ts";

export type { Turn };

/** A piece of a turn. Objects of JSON are texts, digits and order of keys as the server wrote them. */
export type Fragment = Turn["messages"][number];
export type TextFragment = Extract<Fragment, { __typename: "TextFragment" }>;
export type CallFragment = Extract<Fragment, { __typename: "FunctionCallFragment" }>;
export type ResponseFragment = Extract<Fragment, { __typename: "FunctionResponseFragment" }>;
