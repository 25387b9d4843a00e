CREATE SCHEMA "opwatch";
--> statement-breakpoint
CREATE TABLE "opwatch"."aliases" (
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"conversation_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "aliases_tenant_id_name_pk" PRIMARY KEY("tenant_id","name")
);
--> statement-breakpoint
CREATE TABLE "opwatch"."budgets" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"slots" jsonb NOT NULL,
	"writes_until" double precision DEFAULT 0 NOT NULL,
	"line_until" double precision DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "opwatch"."conversations" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"team_id" text,
	"group_id" text,
	"user_id" text,
	"reference" jsonb NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"greeted_at" timestamp (3) with time zone,
	"gone_at" timestamp (3) with time zone,
	"paused_until" timestamp (3) with time zone,
	"misses" integer DEFAULT 0 NOT NULL,
	"short_until" double precision DEFAULT 0 NOT NULL,
	"long_until" double precision DEFAULT 0 NOT NULL,
	"place_at" double precision,
	"lease_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "opwatch"."durations" (
	"type" text NOT NULL,
	"bucket" integer NOT NULL,
	"succeeded" bigint NOT NULL,
	"outlived" bigint NOT NULL,
	CONSTRAINT "durations_type_bucket_pk" PRIMARY KEY("type","bucket")
);
--> statement-breakpoint
CREATE TABLE "opwatch"."operations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"tenant_id" text NOT NULL,
	"key" text NOT NULL,
	"kind" text NOT NULL,
	"version" text NOT NULL,
	"path" text NOT NULL,
	"graph_id" text NOT NULL,
	"owner" text,
	"state" jsonb NOT NULL,
	"answered_at" timestamp (3) with time zone,
	"outcome" text,
	"live" boolean NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"free_at" timestamp (3) with time zone NOT NULL,
	"slot_at" timestamp (3) with time zone,
	"claim" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "opwatch"."pauses" (
	"side" text NOT NULL,
	"tenant_id" text NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "pauses_side_tenant_id_pk" PRIMARY KEY("side","tenant_id")
);
--> statement-breakpoint
CREATE TABLE "opwatch"."requests" (
	"tenant_id" text NOT NULL,
	"caller" text NOT NULL,
	"key" text NOT NULL,
	"body" text NOT NULL,
	"watch_id" uuid,
	"started_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "requests_tenant_id_caller_key_pk" PRIMARY KEY("tenant_id","caller","key")
);
--> statement-breakpoint
CREATE TABLE "opwatch"."turns" (
	"key" text PRIMARY KEY NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "opwatch"."watches" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"operation_id" uuid NOT NULL,
	"conversation_id" text NOT NULL,
	"thread_id" text NOT NULL,
	"requester" jsonb NOT NULL,
	"notify" text NOT NULL,
	"title" text,
	"link" text,
	"caller" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"close_reason" text,
	"activity_id" text,
	"shown" text,
	"wanted" integer DEFAULT 1 NOT NULL,
	"delivered" integer DEFAULT 0 NOT NULL,
	"pinged_at" timestamp (3) with time zone,
	"noticed_at" timestamp (3) with time zone,
	"final_state" jsonb,
	"seq" integer GENERATED ALWAYS AS IDENTITY (sequence name "opwatch"."watches_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"failures" integer DEFAULT 0 NOT NULL,
	"card_misses" integer DEFAULT 0 NOT NULL,
	"replaced" boolean DEFAULT false NOT NULL,
	"callback" jsonb,
	"callback_wanted" integer DEFAULT 0 NOT NULL,
	"callback_delivered" integer DEFAULT 0 NOT NULL,
	"callback_state" jsonb,
	"callback_due_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "opwatch"."aliases" ADD CONSTRAINT "aliases_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "opwatch"."conversations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "opwatch"."watches" ADD CONSTRAINT "watches_operation_id_operations_id_fk" FOREIGN KEY ("operation_id") REFERENCES "opwatch"."operations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "opwatch"."watches" ADD CONSTRAINT "watches_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "opwatch"."conversations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "aliases_of_conversation" ON "opwatch"."aliases" USING btree ("conversation_id");--> statement-breakpoint
CREATE INDEX "conversations_of_team" ON "opwatch"."conversations" USING btree ("team_id") WHERE team_id is not null;--> statement-breakpoint
CREATE INDEX "conversations_of_group" ON "opwatch"."conversations" USING btree ("tenant_id","group_id") WHERE group_id is not null;--> statement-breakpoint
CREATE INDEX "conversations_of_user" ON "opwatch"."conversations" USING btree ("tenant_id","user_id") WHERE user_id is not null;--> statement-breakpoint
CREATE INDEX "conversations_of_tenant" ON "opwatch"."conversations" USING btree ("tenant_id","seen_at");--> statement-breakpoint
CREATE INDEX "conversations_gone" ON "opwatch"."conversations" USING btree ("gone_at") WHERE gone_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "operations_tenant_key" ON "opwatch"."operations" USING btree ("tenant_id","key");--> statement-breakpoint
CREATE INDEX "operations_of_owner" ON "opwatch"."operations" USING btree ("tenant_id","owner") WHERE owner is not null;--> statement-breakpoint
CREATE INDEX "operations_resting" ON "opwatch"."operations" USING btree ("due_at") WHERE not live;--> statement-breakpoint
CREATE INDEX "operations_live" ON "opwatch"."operations" USING btree ("id") WHERE live;--> statement-breakpoint
CREATE INDEX "requests_by_age" ON "opwatch"."requests" USING btree ("started_at");--> statement-breakpoint
CREATE INDEX "turns_by_age" ON "opwatch"."turns" USING btree ("started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "watches_one_open" ON "opwatch"."watches" USING btree ("operation_id","conversation_id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "watches_of_conversation" ON "opwatch"."watches" USING btree ("conversation_id");--> statement-breakpoint
CREATE INDEX "watches_of_operation" ON "opwatch"."watches" USING btree ("operation_id");--> statement-breakpoint
CREATE INDEX "watches_in_order" ON "opwatch"."watches" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "watches_undelivered" ON "opwatch"."watches" USING btree ("conversation_id") WHERE wanted > delivered;--> statement-breakpoint
CREATE INDEX "watches_untold" ON "opwatch"."watches" USING btree ("callback_due_at") WHERE callback_wanted > callback_delivered;--> statement-breakpoint
CREATE INDEX "watches_closed" ON "opwatch"."watches" USING btree ("closed_at") WHERE closed_at is not null;--> statement-breakpoint
CREATE INDEX "watches_expiry" ON "opwatch"."watches" USING btree ("expires_at") WHERE closed_at is null;