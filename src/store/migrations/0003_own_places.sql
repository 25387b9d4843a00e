CREATE TABLE "opwatch"."places" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"slots" jsonb DEFAULT '{"from":0,"used":[]}'::jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "opwatch"."budgets" ALTER COLUMN "slots" SET DEFAULT '{"from":0,"used":[]}'::jsonb;