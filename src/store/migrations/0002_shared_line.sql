ALTER TABLE "opwatch"."lines" ALTER COLUMN "until" SET DEFAULT 0;--> statement-breakpoint
ALTER TABLE "opwatch"."lines" ADD COLUMN "cells" jsonb DEFAULT '{"from":0,"used":[]}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "opwatch"."lines" ADD COLUMN "version" integer DEFAULT 0 NOT NULL;