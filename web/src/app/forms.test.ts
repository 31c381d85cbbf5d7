import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Forms that ask nothing when they are left: what is lost is a line or two, quickly written again. */
const short = new Set([
  "account/SettingsPage.tsx", // the password
  "account/SignIn.tsx",
  "account/WelcomePage.tsx", // there is nowhere else to go
  "hooks/HookForm.tsx", // a dialog over its page
  "rooms/RoomSettings.tsx", // a chat's names
]);

const src = join(import.meta.dirname, "..");
const forms = globSync("**/*.tsx", { cwd: src })
  .map((path) => ({ path, source: readFileSync(join(src, path), "utf8") }))
  .filter(({ source }) => source.includes("<form"));

it("finds the forms", () => {
  expect(forms.map((f) => f.path)).toEqual(
    expect.arrayContaining([...short, "contacts/ContactForm.tsx", "meetings/ArrangeForm.tsx"]),
  );
});

it.each(forms)("$path asks before what was written is lost", ({ path, source }) => {
  if (!short.has(path)) expect(source).toContain("<LeaveGuard ");
});
