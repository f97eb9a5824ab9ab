CREATE TABLE "milestones" (
	"name" text PRIMARY KEY NOT NULL
);
