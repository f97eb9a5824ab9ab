-- Vacuum and statistics after a hundredth of a table's rows, not a fifth: counts and pages read what is visible to all from
-- indexes alone, which the vacuum's map says; with a fifth of a million conversations unvisited they read the table.
ALTER TABLE conversations SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
--> statement-breakpoint
ALTER TABLE turns SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
--> statement-breakpoint
ALTER TABLE turn_chunks SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
--> statement-breakpoint
ALTER TABLE conversation_counts SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
--> statement-breakpoint
-- Every append changes a head. Room on the page keeps the new version beside the old one, and where no indexed column changes,
-- as while text streams, the indexes as they are.
ALTER TABLE conversation_heads SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
