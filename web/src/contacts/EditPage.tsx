import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Contact } from "../api/types";
import { queries } from "../app/queries";
import { useSession } from "../app/session";
import { Failed, Loading } from "../ui/states";
import { toast } from "../ui/toast";
import { ContactForm } from "./ContactForm";
import { NotForYou } from "./ContactsPage";
import { bodyOf, type Draft, draftOf, emptyDraft } from "./draft";
import { type Merged, merge } from "./merge";
import { contactQuery } from "./queries";

/** Adds a contact. */
export function NewContactPage() {
  const { t } = useLingui();
  const { account } = useSession();
  const navigate = useNavigate();
  const save = async (draft: Draft) => {
    const made = await call<Contact>("POST", "/contacts", bodyOf(draft));
    toast(t`The contact is saved.`);
    await shown(made);
    await navigate({ to: "/contacts/$contact", params: { contact: made.id } });
    return undefined;
  };
  if (account.role === "ambassador") return <NotForYou />;
  return <ContactForm title={t`New contact`} first={emptyDraft(account.station_id)} onSave={save} />;
}

/** Changes a contact. */
export function EditContactPage() {
  const { t } = useLingui();
  const { contact: id } = useParams({ from: "/inside/shell/contacts/$contact/edit" });
  const contact = useQuery(contactQuery(id));
  if (contact.isPending) return <Loading />;
  if (contact.isError) {
    if (contact.error instanceof Problem && contact.error.status === 403) return <NotForYou />;
    return <Failed text={t`The contact could not be loaded.`} onRetry={() => void contact.refetch()} />;
  }
  return <Edit key={id} contact={contact.data} />;
}

function Edit({ contact }: { contact: Contact }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  // What the writer began with stays, whatever is read meanwhile.
  const [base, setBase] = useState(contact);
  const [first] = useState(() => draftOf(contact));
  const save = async (draft: Draft): Promise<Clash | undefined> => {
    try {
      const body = { ...bodyOf(draft), version: base.version };
      await shown(await call<Contact>("PUT", `/contacts/${contact.id}`, body));
    } catch (error) {
      const theirs = currentOf(error);
      if (!theirs) throw error;
      setBase(theirs);
      return { ...merge(draftOf(base), draft, draftOf(theirs)), theirs: draftOf(theirs) };
    }
    toast(t`The change is saved.`);
    await navigate({ to: "/contacts/$contact", params: { contact: contact.id } });
    return undefined;
  };
  return <ContactForm title={t`Change contact`} first={first} onSave={save} />;
}

/** Somebody else saved first: both changes brought together, and what they had written. */
export interface Clash extends Merged {
  theirs: Draft;
}

function currentOf(error: unknown): Contact | undefined {
  if (!(error instanceof Problem) || error.code !== "contact_changed") return undefined;
  return error.body.current as Contact | undefined;
}

async function shown(contact: Contact): Promise<void> {
  queries.setQueryData(["contacts", contact.id], contact);
  await queries.invalidateQueries({ queryKey: ["contacts", "list"] });
  await queries.invalidateQueries({ queryKey: ["categories"] });
}
