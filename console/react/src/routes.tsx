import { type ComponentType, lazy, type LazyExoticComponent, Suspense } from "react";
import { Route, Switch } from "wouter";
import { may, type Role, useMe } from "./api/me";
import { Refused } from "./pages/home/Refused";
import { NotFound } from "./pages/home/NotFound";
import type { IconName } from "./ui/Icon";
import { Waiting } from "./ui/Waiting";
import type { Words } from "./words";

interface Place {
  path: string;
  title: (words: Words) => string;
  /** Who may see it; none: everybody who is signed in. The server checks every request again. */
  roles: readonly Role[];
  icon: IconName;
  /** One line for the first page. */
  about?: (words: Words) => string;
}

interface PageEntry extends Place {
  inMenu: boolean;
  page: LazyExoticComponent<ComponentType>;
}

/** Every page, its address below /console, and who may see it: a new page is one more entry here. */
export const PAGES: readonly PageEntry[] = [
  { path: "/", title: (w) => w.home.menu, roles: [], icon: "home", inMenu: true, page: lazy(() => import("./pages/home/HomePage")) },
  {
    path: "/desk",
    title: (w) => w.desk.title,
    about: (w) => w.desk.about,
    roles: ["operator"],
    icon: "headset",
    inMenu: true,
    page: lazy(() => import("./pages/desk/DeskPage")),
  },
  {
    path: "/callbacks",
    title: (w) => w.callbacks.title,
    about: (w) => w.callbacks.about,
    roles: ["operator", "supervisor"],
    icon: "list",
    inMenu: true,
    page: lazy(() => import("./pages/callbacks/CallbacksPage")),
  },
  {
    path: "/wall",
    title: (w) => w.wall.title,
    about: (w) => w.wall.about,
    roles: ["supervisor"],
    icon: "wall",
    inMenu: true,
    page: lazy(() => import("./pages/wall/WallPage")),
  },
  {
    path: "/dashboards",
    title: (w) => w.dashboards.title,
    about: (w) => w.dashboards.about,
    roles: ["supervisor", "flow-admin"],
    icon: "chart",
    inMenu: true,
    page: lazy(() => import("./pages/dashboards/DashboardsPage")),
  },
  {
    path: "/flows",
    title: (w) => w.flows.title,
    about: (w) => w.flows.about,
    roles: ["flow-admin"],
    icon: "flow",
    inMenu: true,
    page: lazy(() => import("./pages/flows/FlowsPage")),
  },
  { path: "/flows/:id", title: (w) => w.flows.title, roles: ["flow-admin"], icon: "flow", inMenu: false, page: lazy(() => import("./pages/flows/FlowPage")) },
  {
    path: "/knowledge",
    title: (w) => w.knowledge.title,
    about: (w) => w.knowledge.about,
    roles: ["flow-admin"],
    icon: "book",
    inMenu: true,
    page: lazy(() => import("./pages/knowledge/KnowledgePage")),
  },
  { path: "/knowledge/new", title: (w) => w.knowledge.new, roles: ["flow-admin"], icon: "book", inMenu: false, page: lazy(() => import("./pages/knowledge/ArticlePage")) },
  { path: "/knowledge/articles/:id", title: (w) => w.knowledge.article, roles: ["flow-admin"], icon: "book", inMenu: false, page: lazy(() => import("./pages/knowledge/ArticlePage")) },
  {
    path: "/history",
    title: (w) => w.history.title,
    about: (w) => w.history.about,
    roles: ["operator", "supervisor", "flow-admin", "privacy-officer"],
    icon: "clock",
    inMenu: true,
    page: lazy(() => import("./pages/history/HistoryPage")),
  },
  { path: "/history/calls/:id", title: (w) => w.history.title, roles: ["operator", "supervisor", "flow-admin", "privacy-officer"], icon: "clock", inMenu: false, page: lazy(() => import("./pages/history/CallPage")) },
  { path: "/history/contacts/:id", title: (w) => w.history.contact, roles: ["operator", "supervisor", "privacy-officer"], icon: "clock", inMenu: false, page: lazy(() => import("./pages/history/ContactPage")) },
  {
    path: "/users",
    title: (w) => w.users.title,
    about: (w) => w.users.about,
    roles: ["sysadmin"],
    icon: "people",
    inMenu: true,
    page: lazy(() => import("./pages/users/UsersPage")),
  },
  {
    path: "/webhooks",
    title: (w) => w.webhooks.title,
    about: (w) => w.webhooks.about,
    roles: ["sysadmin"],
    icon: "send",
    inMenu: true,
    page: lazy(() => import("./pages/webhooks/WebhooksPage")),
  },
  {
    path: "/settings",
    title: (w) => w.settings.title,
    about: (w) => w.settings.about,
    roles: ["sysadmin", "flow-admin"],
    icon: "settings",
    inMenu: true,
    page: lazy(() => import("./pages/settings/SettingsPage")),
  },
  {
    path: "/account",
    title: (w) => w.account.title,
    about: (w) => w.account.about,
    roles: [],
    icon: "person",
    inMenu: false,
    page: lazy(() => import("./pages/account/AccountPage")),
  },
];

/** Pages outside of this application (console/pages.py): who calls need not sign in. */
export const OTHER_PAGES: readonly Place[] = [{ path: "/call", title: (w) => w.frame.call, about: (w) => w.home.call_about, roles: [], icon: "phone" }];

export function Routes() {
  const me = useMe();
  return (
    <Suspense fallback={<Waiting />}>
      <Switch>
        {PAGES.map(({ path, roles, page: Shown }) => (
          <Route key={path} path={path}>
            {may(me, roles) ? <Shown /> : <Refused roles={roles} />}
          </Route>
        ))}
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Suspense>
  );
}
