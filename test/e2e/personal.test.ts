import { describeConversation } from "./conversation.contract.ts";

describeConversation("personal");
