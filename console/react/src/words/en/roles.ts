import type { Words } from "../it";

export const roles: Words["roles"] = {
  operator: { name: "Operator", may: "takes calls; reads calls and contacts" },
  supervisor: { name: "Supervisor", may: "all queues, campaigns, figures, recordings" },
  "flow-admin": { name: "Flow author", may: "writes, tests and publishes flows and articles" },
  "privacy-officer": { name: "Privacy officer", may: "exports, deletes, holds; reads the audit log" },
  sysadmin: { name: "System administrator", may: "users, webhooks, settings; by itself shows no callers' data" },
};
