import { badInput } from "../../model/errors.ts";
import { cutPreview, MAX_PREVIEW_CHARACTERS, PREVIEWED_CHARACTERS } from "../../store/read/previews.ts";
import { selectOnce } from "./argument-errors.ts";
import { builder } from "./builder.ts";
import { source } from "./field-source.ts";
import { ConversationRef } from "./refs.ts";

const DEFAULT_CHARACTERS = 160;

/** The characters that the arguments request. BAD_USER_INPUT for a number out of range. */
function selectLength({ length }: { length?: number | null | undefined }): number {
  const wanted = length ?? DEFAULT_CHARACTERS;
  if (wanted >= 1 && wanted <= MAX_PREVIEW_CHARACTERS) return wanted;
  throw badInput("length", `\`length\` must be 1 to ${MAX_PREVIEW_CHARACTERS}, not ${wanted}.`);
}

const selectEach = selectOnce(selectLength);

builder.objectField(ConversationRef, "preview", (t) =>
  t.string({
    nullable: true,
    description: `The beginning of the newest turn that has text, on one line: its texts one after the other, each run of space as one space; of each text the first ${PREVIEWED_CHARACTERS} characters. null for a conversation without text.`,
    args: {
      length: t.arg.int({
        defaultValue: DEFAULT_CHARACTERS,
        description: `The most characters, 1 to ${MAX_PREVIEW_CHARACTERS}: Unicode code points, none of which is cut.`,
      }),
    },
    ...source({ from: "preview", length: selectLength }),
    resolve: async ({ id }, args, context, info) => {
      const length = selectEach(args, context.maxPageSize, info);
      const longest = await context.loaders.preview.load(id);
      return longest === null ? null : cutPreview(longest, length);
    },
  }),
);
