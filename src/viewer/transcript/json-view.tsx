import { useMemo, useState } from "preact/hooks";

import { isNestedJson, type JsonMember, membersOf } from "../json/json-text.ts";
import { formatBytes, formatCount } from "./format.ts";

// Members that are shown at first, and with each press of the button.
const MEMBERS = 100;
// Characters of a string that are shown before all are asked for.
const CHARACTERS = 2000;
// An object of a text up to this length is open at first.
const OPEN = 2000;

/** A text that is an object or array of JSON, as a tree that folds; what it shows is cut from the text. */
export function JsonTree({ text }: { text: string }) {
  return (
    <div class="json" dir="ltr">
      <JsonValue text={text.trim()} isOpen />
    </div>
  );
}

/** The text as a tree where it is one, else null: for the caller to show in another way. Costs a parse. */
export function useIsTree(text: string): boolean {
  return useMemo(() => isNestedJson(text), [text]);
}

function JsonValue({ text, isOpen }: { text: string; isOpen: boolean }) {
  if (text.startsWith("{") || text.startsWith("[")) return <Nested text={text} isOpen={isOpen} />;
  return text.startsWith('"') ? <JsonString text={text} /> : <span class="literal">{text}</span>;
}

function Nested({ text, isOpen: isOpenAtFirst }: { text: string; isOpen: boolean }) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const members = useMemo(() => membersOf(text), [text]);
  const [open, close] = [text[0], text.at(-1)];
  if (members.length === 0) return <span>{`${open}${close}`}</span>;
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        {open}
        {!isOpen && ` … ${close}`}
        <small>{formatCount(members.length, open === "{" ? "member" : "element")}</small>
      </summary>
      {isOpen && <Members members={members} />}
      {isOpen && close}
    </details>
  );
}

function Members({ members }: { members: readonly JsonMember[] }) {
  const [most, setMost] = useState(MEMBERS);
  const left = members.length - most;
  return (
    <ul>
      {members.slice(0, most).map(({ key, value }, index) => (
        <li key={index}>
          {key !== null && (
            <>
              <span class="key">{key}</span>
              {": "}
            </>
          )}
          <JsonValue text={value} isOpen={value.length <= OPEN} />
          {index < members.length - 1 && ","}
        </li>
      ))}
      {left > 0 && (
        <li>
          <button type="button" class="quiet" onClick={() => setMost(most + MEMBERS)}>
            Show {Math.min(left, MEMBERS)} more of {left}
          </button>
        </li>
      )}
    </ul>
  );
}

function JsonString({ text }: { text: string }) {
  const [isAll, setAll] = useState(text.length <= CHARACTERS);
  return (
    <>
      <span class="string">{isAll ? text : text.slice(0, CHARACTERS)}</span>
      {!isAll && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          … all ({formatBytes(text)})
        </button>
      )}
    </>
  );
}
