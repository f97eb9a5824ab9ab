import type { Fields } from "../fields.ts";
import type { CallEvent } from "../trajectory.ts";

/**
 * The calls of an AI message: those that were understood, then those that were not; or else the provider's own, as older
 * versions left them. Throws RecordError for a call that breaks its form.
 */
export function readToolCalls(data: Fields): CallEvent[] {
  const calls = ["tool_calls", "invalid_tool_calls"].flatMap((name) =>
    (data.optionalList(name) ?? []).map((call) => readCall(call, "args")),
  );
  const raw = readProviderCalls(data);
  return calls.length === 0 ? raw : calls;
}

/** A call in the content of a message, which stands among the message's calls once more. */
export function readCallBlock(block: Fields): CallEvent {
  const args = ["args", "input", "arguments"].find((name) => block.peek(name) !== undefined) ?? "args";
  return readCall(block, args);
}

/** What providers wrote, which LangChain keeps beside its own. */
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
  // A call that was not understood may lack its name.
  const name = call.optionalText("name") ?? "invalid_tool_call";
  return { id, name, args: call.value(args), path: call.pathOf(args) };
}
