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

/** A page of which not everything arrived says so, in both languages: neither has been fetched. */
function incomplete(): void {
  const text = document.createElement("p");
  text.textContent =
    "页面未能完整加载，请检查网络。 · The page did not load completely. Please check your connection.";
  const again = document.createElement("button");
  again.textContent = "重试 · Try again";
  again.onclick = () => location.reload();
  const box = document.createElement("main");
  box.className = "mx-auto flex max-w-md flex-col items-center gap-4 px-6 py-20 text-center";
  again.className = "min-h-11 rounded-[10px] border border-line-strong/60 px-4 font-medium";
  box.append(text, again);
  document.getElementById("root")?.replaceChildren(box);
}

start().catch(incomplete);
