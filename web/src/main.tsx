import "./styles/base.css";
import { preferredLanguage, showLanguage } from "./i18n/language";
import { followTheme } from "./prefs/theme";

/** Guests get a page of their own, so that they load nothing they do not need. */
async function start(): Promise<void> {
  followTheme();
  const root = document.getElementById("root");
  if (!root) throw new Error("the page has no root");
  const guest = location.pathname === "/join";
  const entry = guest ? import("./join/entry") : import("./app/entry");
  await showLanguage(preferredLanguage());
  (await entry).show(root);
}

void start();
