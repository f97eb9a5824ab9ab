import type { Fields } from "../fields.ts";
import type { CallEvent } from "../trajectory.ts";

/**
 * The calls of an AI message: the valid ones, then the invalid ones; without either the provider's own, as older
 * versions kept them. Throws RecordError for a malformed call.
 */
export function readToolCalls(data: Fields): CallEvent[] {
  const calls = ["tool_calls", "invalid_tool_calls"].flatMap((name) =>
    (data.optionalList(name) ?? []).map((call) => readCall(call, "args")),
  );
  const raw = readProviderCalls(data);
  return calls.length === 0 ? raw : calls;
}

/** A call in the content of a message, which the message's calls usually repeat. */
export function readCallBlock(block: Fields): CallEvent {
  const args = ["args", "input", "arguments"].find((name) => block.peek(name) !== undefined) ?? "args";
  return readCall(block, args);
}

/** The provider's calls, which LangChain keeps beside its own. */
function readProviderCalls(data: Fields): CallEvent[] {
  const others = data.optionalFields("additional_kwargs");
  if (others === null) return [];
  const calls = (others.optionalList("tool_calls") ?? []).flatMap((call) => {
    const called = call.optionalFields("function");
    return called === null ? [] : [{ ...readCall(called, "arguments"), id: call.optionalKey("id") }];
  });
  const older = others.optionalFields("function_call");
  others.countUnknown();
  return older === null ? calls : [...calls, readCall(older, "arguments")];
}

function readCall(call: Fields, args: string): CallEvent {
  const id = call.optionalKey("call_id") ?? call.optionalKey("id");
  // An invalid call may lack its name.
  const name = call.optionalText("name") ?? "invalid_tool_call";
  return { id, name, args: call.value(args), path: call.pathOf(args) };
}
