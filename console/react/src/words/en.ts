import { account } from "./en/account";
import { callbacks } from "./en/callbacks";
import { dashboards } from "./en/dashboards";
import { desk } from "./en/desk";
import { errors } from "./en/errors";
import { flows } from "./en/flows";
import { frame } from "./en/frame";
import { history } from "./en/history";
import { home } from "./en/home";
import { kpis } from "./en/kpis";
import { knowledge } from "./en/knowledge";
import { queues } from "./en/queues";
import { roles } from "./en/roles";
import { settings } from "./en/settings";
import { understood } from "./en/understood";
import { users } from "./en/users";
import { wall } from "./en/wall";
import { webhooks } from "./en/webhooks";
import { formatOf } from "./format";
import type { Words } from "./it";

export const en: Words = {
  format: formatOf("en"),
  callbacks,
  desk,
  flows,
  frame,
  home,
  errors,
  queues,
  roles,
  settings,
  understood,
  users,
  account,
  dashboards,
  kpis,
  knowledge,
  history,
  wall,
  webhooks,
};
