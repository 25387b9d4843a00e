CREATE TABLE "opwatch"."lines" (
	"name" text PRIMARY KEY NOT NULL,
	"until" double precision NOT NULL
);
--> statement-breakpoint
ALTER TABLE "opwatch"."durations" RENAME COLUMN "outlived" TO "entered";--> statement-breakpoint
-- Who was counted as having outlived a length had entered it; so had those that ended in it.
UPDATE "opwatch"."durations" SET "entered" = "entered" + "succeeded";--> statement-breakpoint
-- Each check updates a row twice; the new version is to fit into the same page.
ALTER TABLE "opwatch"."operations" SET (fillfactor = 60);--> statement-breakpoint
DROP INDEX "opwatch"."operations_resting";--> statement-breakpoint
ALTER TABLE "opwatch"."operations" ADD COLUMN "rested_at" timestamp (3) with time zone GENERATED ALWAYS AS (case when not live then due_at end) STORED;--> statement-breakpoint
CREATE INDEX "operations_rested" ON "opwatch"."operations" USING btree ("rested_at") WHERE rested_at is not null;
