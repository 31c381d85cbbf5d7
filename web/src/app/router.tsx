import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from "@tanstack/react-router";
import { asFilter } from "../contacts/filter";
import { Broken } from "../ui/Broken";
import { NotFound } from "./NotFound";
import { Private } from "./Private";
import { whole } from "./preload";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (search): { to?: string } => (typeof search.to === "string" ? { to: search.to } : {}),
  component: lazyRouteComponent(
    whole(() => import("../account/SignIn")),
    "SignIn",
  ),
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(
    whole(() => import("../account/WelcomePage")),
    "WelcomePage",
  ),
});

/** Everything that needs an account. */
const inside = createRoute({ getParentRoute: () => root, id: "inside", component: Private });

const live = createRoute({
  getParentRoute: () => inside,
  path: "/live/$room",
  component: lazyRouteComponent(
    whole(() => import("../meeting/LivePage")),
    "LivePage",
  ),
});

/** Everything with the navigation around it. */
const shell = createRoute({ getParentRoute: () => inside, id: "shell", component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(
    whole(() => import("../home/Home")),
    "Home",
  ),
});

const rooms = createRoute({
  getParentRoute: () => shell,
  path: "/rooms",
  component: lazyRouteComponent(
    whole(() => import("../rooms/RoomsPage")),
    "RoomsPage",
  ),
});

const room = createRoute({
  getParentRoute: () => rooms,
  path: "$room",
  // A message of the room, by its number.
  validateSearch: (search): { at?: number } => {
    const at = Number(search.at);
    return Number.isSafeInteger(at) && at > 0 ? { at } : {};
  },
  component: lazyRouteComponent(
    whole(() => import("../rooms/RoomPage")),
    "RoomPage",
  ),
});

const meetings = createRoute({
  getParentRoute: () => shell,
  path: "/meetings",
  component: lazyRouteComponent(
    whole(() => import("../meetings/MeetingsPage")),
    "MeetingsPage",
  ),
});

const arrange = createRoute({
  getParentRoute: () => shell,
  path: "/meetings/new",
  component: lazyRouteComponent(
    whole(() => import("../meetings/ArrangePage")),
    "ArrangePage",
  ),
});

const meeting = createRoute({
  getParentRoute: () => shell,
  path: "/meetings/$meeting",
  component: lazyRouteComponent(
    whole(() => import("../meetings/MeetingPage")),
    "MeetingPage",
  ),
});

const change = createRoute({
  getParentRoute: () => shell,
  path: "/meetings/$meeting/edit",
  component: lazyRouteComponent(
    whole(() => import("../meetings/ArrangePage")),
    "ChangePage",
  ),
});

const minutes = createRoute({
  getParentRoute: () => shell,
  path: "/minutes/$minutes",
  component: lazyRouteComponent(
    whole(() => import("../minutes/MinutesPage")),
    "MinutesPage",
  ),
});

const playback = createRoute({
  getParentRoute: () => shell,
  path: "/recordings/$meeting/$recording",
  component: lazyRouteComponent(
    whole(() => import("../playback/PlaybackPage")),
    "PlaybackPage",
  ),
});

const contacts = createRoute({
  getParentRoute: () => shell,
  path: "/contacts",
  validateSearch: asFilter,
  component: lazyRouteComponent(
    whole(() => import("../contacts/ContactsPage")),
    "ContactsPage",
  ),
});

const newContact = createRoute({
  getParentRoute: () => shell,
  path: "/contacts/new",
  component: lazyRouteComponent(
    whole(() => import("../contacts/EditPage")),
    "NewContactPage",
  ),
});

const contact = createRoute({
  getParentRoute: () => shell,
  path: "/contacts/$contact",
  component: lazyRouteComponent(
    whole(() => import("../contacts/ContactPage")),
    "ContactPage",
  ),
});

const editContact = createRoute({
  getParentRoute: () => shell,
  path: "/contacts/$contact/edit",
  component: lazyRouteComponent(
    whole(() => import("../contacts/EditPage")),
    "EditContactPage",
  ),
});

const notices = createRoute({
  getParentRoute: () => shell,
  path: "/notices",
  component: lazyRouteComponent(
    whole(() => import("../notices/NoticesPage")),
    "NoticesPage",
  ),
});

const records = createRoute({
  getParentRoute: () => shell,
  path: "/records",
  component: lazyRouteComponent(
    whole(() => import("../records/RecordsPage")),
    "RecordsPage",
  ),
});

const hooks = createRoute({
  getParentRoute: () => shell,
  path: "/hooks",
  component: lazyRouteComponent(
    whole(() => import("../hooks/HooksPage")),
    "HooksPage",
  ),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: lazyRouteComponent(
    whole(() => import("../account/SettingsPage")),
    "SettingsPage",
  ),
});

const accounts = createRoute({
  getParentRoute: () => shell,
  path: "/accounts",
  component: lazyRouteComponent(
    whole(() => import("../account/AccountsPage")),
    "AccountsPage",
  ),
});

const tree = root.addChildren([
  signIn,
  welcome,
  inside.addChildren([
    live,
    shell.addChildren([
      home,
      rooms.addChildren([room]),
      meetings,
      arrange,
      meeting,
      change,
      minutes,
      playback,
      contacts,
      newContact,
      contact,
      editContact,
      notices,
      settings,
      accounts,
      hooks,
      records,
    ]),
  ]),
]);

/** The pages by their addresses. */
export const router = createRouter({
  routeTree: tree,
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
