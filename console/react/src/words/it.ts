// The Italian texts, page by page. Their shape is what every other language must have: a missing text is a type error.
import { formatOf } from "./format";
import { account } from "./it/account";
import { callbacks } from "./it/callbacks";
import { dashboards } from "./it/dashboards";
import { desk } from "./it/desk";
import { errors } from "./it/errors";
import { flows } from "./it/flows";
import { frame } from "./it/frame";
import { history } from "./it/history";
import { home } from "./it/home";
import { knowledge } from "./it/knowledge";
import { kpis } from "./it/kpis";
import { queues } from "./it/queues";
import { roles } from "./it/roles";
import { settings } from "./it/settings";
import { understood } from "./it/understood";
import { users } from "./it/users";
import { wall } from "./it/wall";
import { webhooks } from "./it/webhooks";

export const it = {
  format: formatOf("it"),
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

export type Words = typeof it;
