-- What rows of several tables must agree on, the transaction that writes them keeps: counts, one id for one object, replies, a
-- head's user, what was deleted. No trigger looks at another table any more, as such tables cannot be spread over machines; those
-- that look at their own row alone stay.
DROP TRIGGER conversations_enter_imported_id ON conversations;--> statement-breakpoint
DROP TRIGGER conversations_remove_imported_id ON conversations;--> statement-breakpoint
DROP TRIGGER conversations_count_added ON conversations;--> statement-breakpoint
DROP TRIGGER conversations_count_removed ON conversations;--> statement-breakpoint
DROP TRIGGER conversations_recount ON conversations;--> statement-breakpoint
DROP TRIGGER conversations_forget_counts ON conversations;--> statement-breakpoint
DROP TRIGGER conversations_enter_deleted ON conversations;--> statement-breakpoint
DROP TRIGGER conversation_heads_check_isolation_key ON conversation_heads;--> statement-breakpoint
DROP TRIGGER turns_enter_imported_id ON turns;--> statement-breakpoint
DROP TRIGGER turns_remove_imported_id ON turns;--> statement-breakpoint
DROP TRIGGER turns_check_in_reply_to ON turns;--> statement-breakpoint
DROP FUNCTION enter_imported_id();--> statement-breakpoint
DROP FUNCTION remove_imported_id();--> statement-breakpoint
DROP FUNCTION count_conversations();--> statement-breakpoint
DROP FUNCTION recount_conversation();--> statement-breakpoint
DROP FUNCTION forget_conversation_counts();--> statement-breakpoint
DROP FUNCTION change_conversation_counts(conversation_counts[]);--> statement-breakpoint
DROP FUNCTION enter_deleted_conversation();--> statement-breakpoint
DROP FUNCTION check_head_isolation_key();--> statement-breakpoint
DROP FUNCTION check_in_reply_to();--> statement-breakpoint
ALTER TABLE "conversation_counts" ALTER COLUMN "share" DROP IDENTITY;
